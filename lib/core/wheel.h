/* wheel.h - timers, exact to the nanosecond, driven by the time of the commands.
 *
 * Nothing here reads a clock: time is the `now` of trd__wheel_advance. All timers up to that time
 * come out one per call, by deadline; at equal deadlines by `order`, lowest first (expiry before
 * session change before funding before the rest); then in the order in which they were added. Two
 * timers one nanosecond apart never change places, however far ahead they were set.
 *
 * The wheel has a time of its own, trd__wheel_now: the deadline of the timer that came out last, or
 * the `now` of the advance that found no more. It never goes back. A timer that is added in between
 * takes its place among those still to come, so one that sets itself again runs as often as it is
 * due within one advance. A deadline in the past means the wheel's own time: the timer is due at
 * once, after the timers of its order that are due at this time already.
 *
 * One writer. Fixed capacity, no allocation, no pointers inside: the block may be copied. */
#ifndef TRD_CORE_WHEEL_H
#define TRD_CORE_WHEEL_H

#include <tradsys/base.h>

#include "core/compiler.h"

enum { TRD_WHEEL_CAPACITY_MAX = 1 << 28 };

/* What trd__wheel_advance answers. */
enum {
    TRD_WHEEL_NONE = 0, /* no timer is due */
    TRD_WHEEL_DUE = 1,  /* one timer came out: call again */
    TRD_WHEEL_MORE = 2  /* none came out yet, and there is work left: call again */
};

/* How many timers one call to trd__wheel_advance sorts in at most. */
enum { TRD_WHEEL_STEPS = 64 };

typedef struct trd_wheel trd_wheel;

typedef struct trd_timer {
    trd_ns deadline; /* any value */
    uint64_t key;    /* the caller's: what the timer is for */
    uint32_t order;  /* rank among timers of one deadline, lowest first */
    uint32_t reserved;
} trd_timer;

_Static_assert(sizeof(trd_timer) == 24, "no padding");

/* trd__wheel_footprint returns the bytes of a wheel of `capacity` timers; 0 if capacity is outside
 * [1, TRD_WHEEL_CAPACITY_MAX]. About 56 bytes per timer and 6 KiB. */
size_t trd__wheel_footprint(uint32_t capacity);

/* trd__wheel_init makes an empty wheel whose time is `now` in `mem`, which has
 * trd__wheel_footprint(capacity) bytes at TRD_LINE and stays the caller's. NULL if the capacity is
 * out of range or `mem` misaligned. */
trd_wheel *trd__wheel_init(void *mem, uint32_t capacity, trd_ns now);

/* trd__wheel_add sets a timer and returns its handle (handle.h), or TRD_HANDLE_NONE if the wheel
 * holds `capacity` timers already. O(1); O(log n) for one that is due at once. */
uint64_t trd__wheel_add(trd_wheel *wheel, const trd_timer *timer);

/* trd__wheel_cancel takes back a timer. TRD_E_UNKNOWN if it came out, was cancelled, or never was;
 * any value may be asked. O(1); O(log n) for a timer that is due. */
int trd__wheel_cancel(trd_wheel *wheel, uint64_t handle);

/* trd__wheel_advance gives the next timer due at or before `now`, in `*due`, and forgets it; its
 * `deadline` is the wheel's time now, which is later than the one it was set to if that was in the
 * past. A `now` before the wheel's time counts as the wheel's time.
 *
 * Bounded: sorts in at most TRD_WHEEL_STEPS timers, O(log n) each, and says TRD_WHEEL_MORE when
 * that was not enough. A timer is sorted in at most twelve times in its life. `*due` is written
 * with TRD_WHEEL_DUE only. */
int trd__wheel_advance(trd_wheel *wheel, trd_ns now, trd_timer *due);

/* trd__wheel_next finds the earliest deadline: false if there are no timers. Exact, and so
 * O(timers within the same stretch of time): for whoever plans when to call, not for each command;
 * trd__wheel_advance needs no such check before it. */
bool trd__wheel_next(const trd_wheel *wheel, trd_ns *deadline);

/* trd__wheel_next_bound is the O(1) form: a time at or before the earliest deadline and not before
 * the wheel's own; false if there are no timers. Advancing to it brings it closer; it is exact
 * after at most eleven such steps. */
bool trd__wheel_next_bound(const trd_wheel *wheel, trd_ns *bound);

trd_ns trd__wheel_now(const trd_wheel *wheel);
uint32_t trd__wheel_count(const trd_wheel *wheel);

/* trd__wheel_audit checks the whole structure: 0, or the negated line of what does not hold. O(n).
 */
int trd__wheel_audit(const trd_wheel *wheel);

#endif

/* inner.h - what the sources of the shim share. */
#ifndef TRADSYS_BINDINGS_INNER_H
#define TRADSYS_BINDINGS_INNER_H

#include <stdbool.h>
#include <string.h>

#include <tradsys/tradsys.h>

#include "bindings/shim.h"

/* trb__read copies what the caller shows into `to`, if it has that size. The copy is aligned,
 * whatever the bytes of the caller are, and nobody changes it meanwhile. */
static inline bool trb__read(void *to, size_t wanted, const void *data, size_t size) {
    if (size != wanted) {
        return false;
    }
    memcpy(to, data, size);
    return true;
}

/* trb__give hands a result on, and with success what was found. */
static inline int trb__give(int result, void *out, const void *found, size_t size) {
    if (result >= 0) {
        memcpy(out, found, size);
    }
    return result;
}

/* Arrays are used where they lie. */
static inline bool trb__aligned(const void *data, size_t size) {
    return size == 0 || (uintptr_t)data % sizeof(uint64_t) == 0;
}

/* trb__is_array: whole records of which there are not too many. */
static inline bool trb__is_array(const void *data, size_t size, size_t record) {
    return trb__aligned(data, size) && size % record == 0 && size / record <= INT32_MAX;
}

/* trb__room: how many records fit. */
static inline uint32_t trb__room(size_t size, size_t record) {
    return size / record > INT32_MAX ? INT32_MAX : (uint32_t)(size / record);
}

/* --- events ----------------------------------------------------------------------------------- */

struct trb_events {
    trd_event *at;
    size_t slots;
    size_t capacity;
    uint32_t views;
};

/* trb__events_reserve makes room for so many slots more; false: no memory, nothing has changed. */
bool trb__events_reserve(trb_events *events, size_t slots);

/* --- commands --------------------------------------------------------------------------------- */

/* What executes commands: the engine and the matcher differ in nothing else. */
typedef struct trb__driver {
    int (*step)(void *object, const trd_command *command, trd_out *out);
    int (*run)(void *object, const trd_command *commands, size_t slots, size_t *done, trd_out *out);
    uint32_t room; /* slots that an output must have free */
} trb__driver;

/* The middle of a box that executes commands. */
typedef struct trb__work {
    const trb__driver *driver;
    void *object; /* NULL: the box is empty */
    trb_events outbox;
    size_t memory; /* bytes of the object */
    int64_t time;  /* of the next submit */
    uint64_t seq;
    bool busy;    /* between begin and end */
    bool pending; /* a command is not finished: there was no memory for its events */

    const trd_command *commands; /* the batch */
    size_t slots;
    size_t done;
    size_t before; /* slots of the outbox when it began */
    int result;
} trb__work;

/* trb__usable: TRD_OK if the box can be asked. */
static inline int trb__usable(const trb__work *work) {
    if (work->object == NULL) {
        return TRB_E_CLOSED;
    }
    return work->busy ? TRB_E_IN_USE : TRD_OK;
}

/* The same, and out_size is that of the record which is asked for. */
static inline int trb__askable(const trb__work *work, size_t out_size, size_t wanted) {
    const int result = trb__usable(work);
    return result == TRD_OK && out_size != wanted ? TRB_E_BUFFER : result;
}

void trb__work_start(trb__work *work, const trb__driver *driver, void *object);
size_t trb__work_memory(const trb__work *work);
void trb__work_stop(trb__work *work); /* the object is ended by whoever made it */
int trb__work_stamp(trb__work *work, int64_t time, uint64_t seq);
int trb__work_submit(trb__work *work, const trd_command *command);
int trb__work_send(trb__work *work, const void *data, size_t size);
int trb__work_begin(trb__work *work, const void *data, size_t size);
void trb__work_do(trb__work *work);
int trb__work_end(trb__work *work);
int trb__work_take(trb__work *work, trb_events *to);

/* trb__record copies one record, whole, into slots[4]: false if it is none. */
bool trb__record(trd_command slots[TRD_SLOTS_MAX], const void *data, size_t size);

typedef struct trb__order_terms {
    uint32_t account;
    uint32_t instrument;
    uint32_t actor;
    unsigned side;
    unsigned type;
    unsigned tif;
    unsigned exec;
    uint64_t client_id;
    int64_t qty;
    int64_t px;
} trb__order_terms;

/* trb__work_order is submit: TRD_E_RANGE: a number does not fit its field. trb__work_run is begin,
 * do and end. */
int trb__work_order(trb__work *work, const trb__order_terms *terms);
int trb__work_run(trb__work *work, const void *data, size_t size);

/* --- questions to a matcher, the engine's or one alone ---------------------------------------- */

int trb__ask_find(const trd_match *match, uint32_t account, uint64_t client_id, uint64_t *value);
int trb__ask_order(const trd_match *match, uint64_t order, void *out);
int trb__ask_orders(
    const trd_match *match, const void *data, size_t size, void *out, size_t out_size);
int trb__ask_best(const trd_match *match, uint32_t instrument, unsigned side, void *out);
int trb__ask_depth(
    const trd_match *match, uint32_t instrument, unsigned side, void *out, size_t out_size);
int trb__ask_queue(const trd_match *match, uint32_t instrument, unsigned side, int64_t px,
    void *out, size_t out_size);
int trb__ask_spec(const trd_match *match, uint32_t instrument, void *out);
int trb__ask_stats(const trd_match *match, void *out);

#endif

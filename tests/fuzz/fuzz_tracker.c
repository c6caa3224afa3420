/* fuzz_tracker.c - hostile requests and reports into the order tracker.
 *
 * The first byte of an input chooses the definition: tiny windows, so that everything is forgotten
 * sometimes. The rest are operations. The low three bits of the first byte of each say what it is:
 * 0 and 1 a request, 2 to 4 a report made from few bytes, with ids so close together that orders
 * meet; 5 a raw report, 192 bytes as they are; 6 a position or a list of open orders; 7 time goes
 * on and queries come out. All go into two trackers that differ in their hash seed: outcomes must
 * be the same, the audit must find nothing, the outcomes must add up, and a call that fails must
 * leave its output alone. */
#include <stdint.h>
#include <string.h>

#include <tradsys/order.h>

#include "fuzz.h"

enum { MEMORY_SIZE = 1 << 18, STEPS_MAX = 256 };

static _Alignas(TRD_TRACKER_ALIGN) uint8_t memory[2][MEMORY_SIZE];

typedef struct input {
    const uint8_t *data;
    size_t size;
    trd_ns now;
} input;

/* Bytes behind the end are zero. */
static uint8_t take(input *in) {
    if (in->size == 0) {
        return 0;
    }
    in->size--;
    return *in->data++;
}

static trd_tracker *make_tracker(int which, uint8_t choice) {
    trd_tracker_def def = trd_tracker_def_default();
    def.orders_max = 1 + (choice & 7);
    def.requests_max = 1 + (choice >> 3 & 3);
    def.fills_max = 1 + (choice >> 5 & 1) * 7;
    def.positions_max = 2 + (choice >> 6 & 1);
    def.accounts_max = 1 + (choice >> 7);
    def.reply_ns = 20;
    def.query_ns = 10;
    def.settle_ns = 5;
    def.hash_seed = (uint64_t)which * 0x9e3779b97f4a7c15u;
    fuzz_check(trd_tracker_footprint(&def) <= MEMORY_SIZE);
    trd_tracker *tracker = trd_tracker_init(memory[which], &def);
    fuzz_check(tracker != NULL);
    return tracker;
}

/* --- from bytes to records ------------------------------------------------------------------- */

static trd_request make_request(input *in) {
    const uint8_t what = take(in), ids = take(in);
    trd_request r = {.time = in->now,
        .kind = (uint8_t)(what % 4),
        .venue = 1,
        .account = what >> 2 & 1,
        .target = ids & 15};
    if ((what & 8) != 0) {
        r.flags = TRD_REQUEST_HAS_ID;
        r.client_id = ids >> 4;
    }
    if (r.kind == TRD_REQUEST_SUBMIT) {
        r.client_id = ids & 15;
        r.target = 0;
        r.flags = 0;
        r.instrument = what >> 4 & 1;
        r.side = (uint8_t)(TRD_BUY + (what >> 5 & 1));
    } else if ((what & 16) != 0) {
        r.flags |= TRD_REQUEST_BY_HANDLE;
        r.target |= (uint64_t)(what >> 6) << 32;
    }
    if (r.kind != TRD_REQUEST_CANCEL) {
        r.qty = take(in) % 16;
        r.px = r.qty;
    }
    return r;
}

static trd_report make_report(input *in) {
    const uint8_t what = take(in), ids = take(in), says = take(in), lots = take(in);
    trd_report r = {.time = in->now,
        .kind = (uint8_t)(1 + what % 20),
        .venue = 1,
        .account = says & 1,
        .instrument = says >> 1 & 1,
        .channel = (uint8_t)(TRD_CHANNEL_STREAM + (says >> 2 & 1)),
        .flags = says >> 3,
        .client_id = ids & 15,
        .orig_id = ids >> 4,
        .fill_qty = lots & 15,
        .cum = lots >> 4,
        .qty = 1 + (lots >> 2 & 15)};
    const uint8_t more = take(in), names = take(in);
    r.side = (more & 3) % 3;
    r.state = (uint8_t)((more >> 2 & 31) % TRD_STATE_LOST);
    r.version = (more & 128) != 0 ? take(in) % 16 : 0;
    if ((names & 15) != 0) {
        r.trade_id = trd_name_of_number(names & 15);
    }
    if (names >> 4 != 0) {
        r.venue_id = trd_name_of_number(names >> 4);
    }
    return r;
}

static trd_report make_raw(input *in) {
    uint8_t bytes[sizeof(trd_report)];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = take(in);
    }
    trd_report r;
    memcpy(&r, bytes, sizeof(r));
    return r;
}

/* --- what must be so whatever came ----------------------------------------------------------- */

static bool same(const void *a, const void *b, size_t size) {
    return memcmp(a, b, size) == 0;
}

static void check_outcome(trd_tracker *const *t, int result, const trd_outcome *out) {
    static const trd_outcome untouched;
    if (result < 0) {
        fuzz_check(same(out, &untouched, sizeof(*out)));
        return;
    }
    fuzz_check(out->leaves >= 0 && out->cum >= 0);
    if (out->order != 0) {
        trd_tracked order;
        fuzz_check(trd_tracker_order(t[0], out->order, &order) == TRD_OK);
        fuzz_check(order.state == out->state && order.cum == out->cum);
        const bool open = (order.flags & TRD_TRACKED_OPEN) != 0;
        fuzz_check(open || order.leaves == 0);
        fuzz_check(order.leaves == 0 || order.cum + order.leaves == order.qty);
    }
}

static void check_both(trd_tracker *const *t) {
    trd_tracker_stats a, b;
    trd_tracker_stats_get(t[0], &a);
    trd_tracker_stats_get(t[1], &b);
    fuzz_check(same(&a, &b, sizeof(a)));
    fuzz_check(trd_tracker_audit(t[0]) == TRD_OK);
    fuzz_check(trd_tracker_audit(t[1]) == TRD_OK);
    uint32_t open = 0;
    for (trd_order o = trd_tracker_next_open(t[0], 0); o != 0; o = trd_tracker_next_open(t[0], o)) {
        open++;
    }
    fuzz_check(open == a.orders_open);
}

/* --- operations ------------------------------------------------------------------------------ */

static void request_both(trd_tracker *const *t, const trd_request *r) {
    trd_outcome out[2] = {{0}, {0}};
    const int first = trd_tracker_request(t[0], r, &out[0]);
    fuzz_check(trd_tracker_request(t[1], r, &out[1]) == first);
    fuzz_check(same(&out[0], &out[1], sizeof(out[0])));
    check_outcome(t, first, &out[0]);
}

static void report_both(trd_tracker *const *t, const trd_report *r) {
    trd_outcome out[2] = {{0}, {0}};
    const int first = trd_tracker_report(t[0], r, &out[0]);
    fuzz_check(trd_tracker_report(t[1], r, &out[1]) == first);
    fuzz_check(same(&out[0], &out[1], sizeof(out[0])));
    check_outcome(t, first, &out[0]);
}

static void poll_both(trd_tracker *const *t, trd_ns now) {
    int first;
    uint32_t count = 0;
    do {
        trd_outcome out[2] = {{0}, {0}};
        first = trd_tracker_poll(t[0], now, &out[0]);
        fuzz_check(trd_tracker_poll(t[1], now, &out[1]) == first);
        fuzz_check(same(&out[0], &out[1], sizeof(out[0])));
        fuzz_check(++count < 64);
    } while (first == 1);
}

static void reconcile_both(trd_tracker *const *t, input *in) {
    const uint8_t what = take(in);
    const trd_account_key account = {1, what >> 1 & 1};
    const trd_position_report p = {.time = in->now,
        .qty = (what >> 4) - 8,
        .venue = 1,
        .account = account.account,
        .instrument = what >> 2 & 1};
    for (int i = 0; i < 2; i++) {
        trd_outcome out = {0};
        if ((what & 1) != 0) {
            trd_tracker_reconcile(t[i], &p, &out);
        } else if ((what & 8) != 0) {
            trd_tracker_snapshot_begin(t[i], &account, in->now);
        } else {
            trd_tracker_snapshot_end(t[i]);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    input in = {.data = data, .size = size};
    const uint8_t choice = take(&in);
    trd_tracker *const t[2] = {make_tracker(0, choice), make_tracker(1, choice)};
    for (int step = 0; step < STEPS_MAX && in.size > 0; step++) {
        const uint8_t head = take(&in);
        in.now += head >> 3;
        if ((head & 7) < 2) {
            const trd_request r = make_request(&in);
            request_both(t, &r);
        } else if ((head & 7) < 6) {
            const trd_report r = (head & 7) == 5 ? make_raw(&in) : make_report(&in);
            report_both(t, &r);
        } else if ((head & 7) == 6) {
            reconcile_both(t, &in);
        } else {
            poll_both(t, in.now);
        }
        check_both(t);
    }
    return 0;
}

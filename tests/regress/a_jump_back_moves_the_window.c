/* a_jump_back_moves_the_window.c - one order far above the best moves the window away from all
 * levels; when it was canceled, that one command took back three quarters of a window of levels
 * from the tree. store.h says that a slide down moves a page or two; so nobody can make the engine
 * move the whole window again and again with two commands. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <tradsys/tradsys.h>

enum { LEVELS = 4096, PAGE = 64, AT_ONCE = 2 * PAGE };

static trd_event events[64];

static trd_match *match_with_bids(void) {
    trd_match_def def = trd_match_def_default();
    def.instruments_max = 1;
    def.orders_max = 8192;
    def.window = LEVELS;
    trd_match *match = trd_match_create(&def);
    cr_assert(match != NULL);
    trd_instrument spec = trd_instrument_default();
    spec.symbol[0] = 'X';
    cr_assert(eq(int, trd_match_add(match, &spec), 0));
    return match;
}

static void send(trd_match *match, const trd_command *command) {
    trd_out out = {.events = events, .capacity = 64};
    cr_assert(eq(int, trd_match_step(match, command, &out), TRD_OK));
    cr_assert(events[0].kind == TRD_EVENT_ACCEPTED || events[0].kind == TRD_EVENT_CANCELED);
}

static void bid(trd_match *match, uint64_t id, trd_px px) {
    const trd_command command = {.kind = TRD_COMMAND_NEW,
        .slots = 1,
        .u.order = {.client_id = id,
            .px = px,
            .qty = 1,
            .side = TRD_BUY,
            .type = TRD_TYPE_LIMIT,
            .tif = TRD_TIF_GTC}};
    send(match, &command);
}

static void cancel(trd_match *match, uint64_t id) {
    const trd_command command = {
        .kind = TRD_COMMAND_CANCEL, .slots = 1, .u.cancel = {.target = id}};
    send(match, &command);
}

static uint32_t far_levels(const trd_match *match) {
    trd_match_stats stats;
    trd_match_stats_get(match, &stats);
    return stats.far_levels;
}

/* Bids at 1 .. LEVELS with these prices as ids, and the window far above them. */
static trd_match *match_jumped(void) {
    trd_match *match = match_with_bids();
    for (uint64_t px = 1; px <= LEVELS; px++) {
        bid(match, px, (trd_px)px);
    }
    bid(match, 1000000, 1000000);
    cr_assert(eq(u32, far_levels(match), LEVELS));
    return match;
}

Test(a_jump_back_moves_the_window, a_cancel_takes_back_two_pages_at_most) {
    trd_match *match = match_jumped();
    cancel(match, 1000000);
    cr_assert(far_levels(match) >= LEVELS - AT_ONCE);
    cr_assert(far_levels(match) < LEVELS);
    cr_assert(eq(int, trd_match_audit(match), TRD_OK));
    trd_match_destroy(match);
}

Test(a_jump_back_moves_the_window, later_commands_bring_the_window_back_piece_by_piece) {
    trd_match *match = match_jumped();
    cancel(match, 1000000);
    uint32_t far = far_levels(match);
    for (uint64_t px = LEVELS; px > LEVELS - 100; px--) {
        cancel(match, px);
        const uint32_t now = far_levels(match);
        cr_assert(now <= far);
        cr_assert(far - now <= AT_ONCE);
        far = now;
    }
    /* The best is above the lowest quarter of the window again. */
    cr_assert(LEVELS - 100 - far >= LEVELS / 4);
    cr_assert(eq(int, trd_match_audit(match), TRD_OK));
    trd_match_destroy(match);
}

Test(a_jump_back_moves_the_window, orders_behind_the_best_bring_it_back_too) {
    trd_match *match = match_jumped();
    cancel(match, 1000000);
    uint32_t far = far_levels(match);
    for (uint64_t i = 0; i < 40; i++) {
        /* A level of its own at the far end, below all others. */
        cancel(match, 1 + i);
        bid(match, 2000000 + i, (trd_px)(1 + i));
        const uint32_t now = far_levels(match);
        cr_assert(now <= far);
        cr_assert(far - now <= AT_ONCE);
        far = now;
    }
    cr_assert(LEVELS - far >= LEVELS / 4);
    cr_assert(eq(int, trd_match_audit(match), TRD_OK));
    trd_match_destroy(match);
}

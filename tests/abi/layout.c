/* layout.c - sizes, offsets and widths of all public structs, as byte_table.h and the tables below
 * say they are. Compiled with -Wpadded -Werror: no struct has a byte that is not a field.
 *
 *     layout            compares, prints each difference, exits 1 if there is one
 *     layout --print    prints "record field offset width" of the slots, for records.py
 */
#include <tradsys/tradsys.h>

#include <stdio.h>
#include <string.h>

#include "byte_table.h"

typedef struct field {
    const char *record;
    const char *name;
    size_t offset; /* as written */
    size_t width;
    size_t real_offset; /* as compiled */
    size_t real_width;
} field;

typedef struct record {
    const char *name;
    size_t begin; /* first byte that its fields cover */
    size_t end;   /* one behind the last */
    size_t size;  /* of the struct, as written */
    size_t real_size;
} record;

#define ROW(record, type, member, name, offset, width)                                             \
    { record, name, offset, width, offsetof(type, member), sizeof(((type *)0)->member) }
#define FIELD(record, type, member, name, offset, width)                                           \
    ROW(#record, type, member, name, offset, width),
#define MEMBER(type, member, offset, width) ROW(#type, type, member, #member, offset, width)

static const field SLOTS[] = {SLOT_FIELDS};

static const field DEFINITIONS[] = {
    MEMBER(trd_mem, alloc, 0, 8),
    MEMBER(trd_mem, release, 8, 8),
    MEMBER(trd_mem, user, 16, 8),
    MEMBER(trd_out, events, 0, 8),
    MEMBER(trd_out, capacity, 8, 4),
    MEMBER(trd_out, count, 12, 4),
    MEMBER(trd_level, px, 0, 8),
    MEMBER(trd_level, qty, 8, 8),
    MEMBER(trd_level, count, 16, 4),
    MEMBER(trd_level, reserved, 20, 4),
    MEMBER(trd_level_book_def, struct_size, 0, 4),
    MEMBER(trd_level_book_def, levels_max, 4, 4),
    MEMBER(trd_level_book_def, window, 8, 4),
    MEMBER(trd_level_book_def, reserved, 12, 4),
    MEMBER(trd_level_book_def, mem, 16, 24),
    MEMBER(trd_order_book_def, struct_size, 0, 4),
    MEMBER(trd_order_book_def, instruments_max, 4, 4),
    MEMBER(trd_order_book_def, orders_max, 8, 4),
    MEMBER(trd_order_book_def, window, 12, 4),
    MEMBER(trd_order_book_def, hash_seed, 16, 8),
    MEMBER(trd_order_book_def, mem, 24, 24),
    MEMBER(trd_book_order, ref, 0, 8),
    MEMBER(trd_book_order, px, 8, 8),
    MEMBER(trd_book_order, qty, 16, 8),
    MEMBER(trd_book_order, instrument, 24, 4),
    MEMBER(trd_book_order, side, 28, 1),
    MEMBER(trd_book_order, reserved, 29, 3),
    MEMBER(trd_tick_tier, from, 0, 8),
    MEMBER(trd_tick_tier, step, 8, 8),
    MEMBER(trd_instrument, struct_size, 0, 4),
    MEMBER(trd_instrument, kind, 4, 1),
    MEMBER(trd_instrument, option, 5, 1),
    MEMBER(trd_instrument, px_scale, 6, 1),
    MEMBER(trd_instrument, qty_scale, 7, 1),
    MEMBER(trd_instrument, symbol, 8, 24),
    MEMBER(trd_instrument, tick_size, 32, 8),
    MEMBER(trd_instrument, lot_size, 40, 8),
    MEMBER(trd_instrument, px_min, 48, 8),
    MEMBER(trd_instrument, px_max, 56, 8),
    MEMBER(trd_instrument, qty_min, 64, 8),
    MEMBER(trd_instrument, qty_max, 72, 8),
    MEMBER(trd_instrument, lot_step, 80, 8),
    MEMBER(trd_instrument, notional_min, 88, 8),
    MEMBER(trd_instrument, notional_max, 96, 8),
    MEMBER(trd_instrument, numerator, 104, 8),
    MEMBER(trd_instrument, denominator, 112, 8),
    MEMBER(trd_instrument, base_asset, 120, 4),
    MEMBER(trd_instrument, quote_asset, 124, 4),
    MEMBER(trd_instrument, settle_asset, 128, 4),
    MEMBER(trd_instrument, profile, 132, 4),
    MEMBER(trd_instrument, strike, 136, 8),
    MEMBER(trd_instrument, expiry, 144, 8),
    MEMBER(trd_instrument, tier_count, 152, 4),
    MEMBER(trd_instrument, reserved, 156, 4),
    MEMBER(trd_instrument, tiers, 160, 256),
    MEMBER(trd_lead_maker, account, 0, 4),
    MEMBER(trd_lead_maker, percent, 4, 4),
    MEMBER(trd_profile, struct_size, 0, 4),
    MEMBER(trd_profile, allocation, 4, 1),
    MEMBER(trd_profile, fifo_percent, 5, 1),
    MEMBER(trd_profile, ties, 6, 5),
    MEMBER(trd_profile, band_action, 11, 1),
    MEMBER(trd_profile, band_source, 12, 1),
    MEMBER(trd_profile, band_whole, 13, 1),
    MEMBER(trd_profile, limit_auction, 14, 1),
    MEMBER(trd_profile, reserved, 15, 1),
    MEMBER(trd_profile, band_below, 16, 4),
    MEMBER(trd_profile, band_above, 20, 4),
    MEMBER(trd_profile, prorata_min, 24, 8),
    MEMBER(trd_profile, top_min, 32, 8),
    MEMBER(trd_profile, top_max, 40, 8),
    MEMBER(trd_profile, limit_wait, 48, 8),
    MEMBER(trd_profile, limit_pause, 56, 8),
    MEMBER(trd_profile, breaker_window, 64, 8),
    MEMBER(trd_profile, breaker_pause, 72, 8),
    MEMBER(trd_profile, breaker_variation, 80, 4),
    MEMBER(trd_profile, reserved1, 84, 4),
    MEMBER(trd_profile, lead, 88, 32),
    MEMBER(trd_match_def, struct_size, 0, 4),
    MEMBER(trd_match_def, instruments_max, 4, 4),
    MEMBER(trd_match_def, orders_max, 8, 4),
    MEMBER(trd_match_def, ids_max, 12, 4),
    MEMBER(trd_match_def, id_mode, 16, 4),
    MEMBER(trd_match_def, accounts_max, 20, 4),
    MEMBER(trd_match_def, window, 24, 4),
    MEMBER(trd_match_def, publish, 28, 4),
    MEMBER(trd_match_def, hash_seed, 32, 8),
    MEMBER(trd_match_def, mem, 40, 24),
    MEMBER(trd_match_def, specials_max, 64, 4),
    MEMBER(trd_match_def, positions_max, 68, 4),
    MEMBER(trd_match_def, elect_max, 72, 4),
    MEMBER(trd_match_def, allocates, 76, 4),
    MEMBER(trd_match_def, quotes_max, 80, 4),
    MEMBER(trd_match_def, groups_max, 84, 4),
    MEMBER(trd_match_def, verdicts, 88, 4),
    MEMBER(trd_match_def, reserved1, 92, 4),
    MEMBER(trd_order_info, order, 0, 8),
    MEMBER(trd_order_info, client_id, 8, 8),
    MEMBER(trd_order_info, px, 16, 8),
    MEMBER(trd_order_info, leaves, 24, 8),
    MEMBER(trd_order_info, executed, 32, 8),
    MEMBER(trd_order_info, account, 40, 4),
    MEMBER(trd_order_info, instrument, 44, 4),
    MEMBER(trd_order_info, side, 48, 1),
    MEMBER(trd_order_info, tif, 49, 1),
    MEMBER(trd_order_info, exec, 50, 2),
    MEMBER(trd_order_info, type, 52, 1),
    MEMBER(trd_order_info, where, 53, 1),
    MEMBER(trd_order_info, stp, 54, 1),
    MEMBER(trd_order_info, reserved, 55, 1),
    MEMBER(trd_order_info, displayed, 56, 8),
    MEMBER(trd_order_info, prevented, 64, 8),
    MEMBER(trd_order_info, trigger, 72, 8),
    MEMBER(trd_match_stats, commands, 0, 8),
    MEMBER(trd_match_stats, events, 8, 8),
    MEMBER(trd_match_stats, executions, 16, 8),
    MEMBER(trd_match_stats, time_steps_back, 24, 8),
    MEMBER(trd_match_stats, ids_forgotten, 32, 8),
    MEMBER(trd_match_stats, orders, 40, 4),
    MEMBER(trd_match_stats, levels, 44, 4),
    MEMBER(trd_match_stats, far_levels, 48, 4),
    MEMBER(trd_match_stats, instruments, 52, 4),
    MEMBER(trd_match_stats, specials, 56, 4),
    MEMBER(trd_match_stats, positions, 60, 4),
    MEMBER(trd_name, text, 0, 40),
    MEMBER(trd_request, time, 0, 8),
    MEMBER(trd_request, client_id, 8, 8),
    MEMBER(trd_request, target, 16, 8),
    MEMBER(trd_request, px, 24, 8),
    MEMBER(trd_request, qty, 32, 8),
    MEMBER(trd_request, tag, 40, 8),
    MEMBER(trd_request, venue, 48, 4),
    MEMBER(trd_request, account, 52, 4),
    MEMBER(trd_request, instrument, 56, 4),
    MEMBER(trd_request, kind, 60, 1),
    MEMBER(trd_request, side, 61, 1),
    MEMBER(trd_request, flags, 62, 2),
    MEMBER(trd_report, time, 0, 8),
    MEMBER(trd_report, client_id, 8, 8),
    MEMBER(trd_report, orig_id, 16, 8),
    MEMBER(trd_report, version, 24, 8),
    MEMBER(trd_report, px, 32, 8),
    MEMBER(trd_report, qty, 40, 8),
    MEMBER(trd_report, cum, 48, 8),
    MEMBER(trd_report, fill_px, 56, 8),
    MEMBER(trd_report, fill_qty, 64, 8),
    MEMBER(trd_report, venue, 72, 4),
    MEMBER(trd_report, account, 76, 4),
    MEMBER(trd_report, instrument, 80, 4),
    MEMBER(trd_report, kind, 84, 1),
    MEMBER(trd_report, state, 85, 1),
    MEMBER(trd_report, side, 86, 1),
    MEMBER(trd_report, channel, 87, 1),
    MEMBER(trd_report, flags, 88, 4),
    MEMBER(trd_report, reserved0, 92, 4),
    MEMBER(trd_report, venue_id, 96, 40),
    MEMBER(trd_report, trade_id, 136, 40),
    MEMBER(trd_report, reserved, 176, 16),
    MEMBER(trd_outcome, time, 0, 8),
    MEMBER(trd_outcome, order, 8, 8),
    MEMBER(trd_outcome, client_id, 16, 8),
    MEMBER(trd_outcome, tag, 24, 8),
    MEMBER(trd_outcome, px, 32, 8),
    MEMBER(trd_outcome, qty, 40, 8),
    MEMBER(trd_outcome, cum, 48, 8),
    MEMBER(trd_outcome, cum_delta, 56, 8),
    MEMBER(trd_outcome, leaves, 64, 8),
    MEMBER(trd_outcome, leaves_delta, 72, 8),
    MEMBER(trd_outcome, position, 80, 8),
    MEMBER(trd_outcome, position_delta, 88, 8),
    MEMBER(trd_outcome, fill_px, 96, 8),
    MEMBER(trd_outcome, venue, 104, 4),
    MEMBER(trd_outcome, account, 108, 4),
    MEMBER(trd_outcome, instrument, 112, 4),
    MEMBER(trd_outcome, flags, 116, 4),
    MEMBER(trd_outcome, kind, 120, 1),
    MEMBER(trd_outcome, what, 121, 1),
    MEMBER(trd_outcome, state, 122, 1),
    MEMBER(trd_outcome, state_before, 123, 1),
    MEMBER(trd_outcome, side, 124, 1),
    MEMBER(trd_outcome, reserved, 125, 3),
    MEMBER(trd_position_report, time, 0, 8),
    MEMBER(trd_position_report, qty, 8, 8),
    MEMBER(trd_position_report, venue, 16, 4),
    MEMBER(trd_position_report, account, 20, 4),
    MEMBER(trd_position_report, instrument, 24, 4),
    MEMBER(trd_position_report, reserved, 28, 4),
    MEMBER(trd_tracker_def, struct_size, 0, 4),
    MEMBER(trd_tracker_def, orders_max, 4, 4),
    MEMBER(trd_tracker_def, requests_max, 8, 4),
    MEMBER(trd_tracker_def, fills_max, 12, 4),
    MEMBER(trd_tracker_def, positions_max, 16, 4),
    MEMBER(trd_tracker_def, accounts_max, 20, 4),
    MEMBER(trd_tracker_def, not_found_max, 24, 4),
    MEMBER(trd_tracker_def, reserved, 28, 4),
    MEMBER(trd_tracker_def, reply_ns, 32, 8),
    MEMBER(trd_tracker_def, query_ns, 40, 8),
    MEMBER(trd_tracker_def, settle_ns, 48, 8),
    MEMBER(trd_tracker_def, hash_seed, 56, 8),
    MEMBER(trd_tracker_def, mem, 64, 24),
    MEMBER(trd_account_key, venue, 0, 4),
    MEMBER(trd_account_key, account, 4, 4),
    MEMBER(trd_tracked, order, 0, 8),
    MEMBER(trd_tracked, client_id, 8, 8),
    MEMBER(trd_tracked, tag, 16, 8),
    MEMBER(trd_tracked, px, 24, 8),
    MEMBER(trd_tracked, qty, 32, 8),
    MEMBER(trd_tracked, cum, 40, 8),
    MEMBER(trd_tracked, leaves, 48, 8),
    MEMBER(trd_tracked, unnamed, 56, 8),
    MEMBER(trd_tracked, venue, 64, 4),
    MEMBER(trd_tracked, account, 68, 4),
    MEMBER(trd_tracked, instrument, 72, 4),
    MEMBER(trd_tracked, cancels, 76, 2),
    MEMBER(trd_tracked, replaces, 78, 2),
    MEMBER(trd_tracked, state, 80, 1),
    MEMBER(trd_tracked, side, 81, 1),
    MEMBER(trd_tracked, not_found, 82, 1),
    MEMBER(trd_tracked, reserved, 83, 1),
    MEMBER(trd_tracked, flags, 84, 4),
    MEMBER(trd_tracked, venue_id, 88, 40),
    MEMBER(trd_tracked_position, qty, 0, 8),
    MEMBER(trd_tracked_position, adjusted, 8, 8),
    MEMBER(trd_tracked_position, moved, 16, 8),
    MEMBER(trd_tracked_position, venue, 24, 4),
    MEMBER(trd_tracked_position, account, 28, 4),
    MEMBER(trd_tracked_position, instrument, 32, 4),
    MEMBER(trd_tracked_position, reserved, 36, 4),
    MEMBER(trd_order_key, client_id, 0, 8),
    MEMBER(trd_order_key, venue, 8, 4),
    MEMBER(trd_order_key, account, 12, 4),
    MEMBER(trd_position_key, venue, 0, 4),
    MEMBER(trd_position_key, account, 4, 4),
    MEMBER(trd_position_key, instrument, 8, 4),
    MEMBER(trd_tracker_stats, requests, 0, 8),
    MEMBER(trd_tracker_stats, reports, 8, 8),
    MEMBER(trd_tracker_stats, duplicates, 16, 8),
    MEMBER(trd_tracker_stats, stale, 24, 8),
    MEMBER(trd_tracker_stats, late_fills, 32, 8),
    MEMBER(trd_tracker_stats, overfills, 40, 8),
    MEMBER(trd_tracker_stats, unknown, 48, 8),
    MEMBER(trd_tracker_stats, adopted, 56, 8),
    MEMBER(trd_tracker_stats, queries, 64, 8),
    MEMBER(trd_tracker_stats, lost, 72, 8),
    MEMBER(trd_tracker_stats, mismatches, 80, 8),
    MEMBER(trd_tracker_stats, orders_forgotten, 88, 8),
    MEMBER(trd_tracker_stats, requests_forgotten, 96, 8),
    MEMBER(trd_tracker_stats, fills_forgotten, 104, 8),
    MEMBER(trd_tracker_stats, time_steps_back, 112, 8),
    MEMBER(trd_tracker_stats, orders_open, 120, 4),
    MEMBER(trd_tracker_stats, orders_ended, 124, 4),
    MEMBER(trd_tracker_stats, requests_pending, 128, 4),
    MEMBER(trd_tracker_stats, positions, 132, 4),
};

#define PART(name, begin, end, type)                                                               \
    { #name, begin, end, 64, sizeof(type) }
#define WHOLE(type, size)                                                                          \
    { #type, 0, size, size, sizeof(type) }

static const record RECORDS[] = {
    PART(command, 0, 32, trd_command),
    PART(event, 0, 32, trd_event),
    PART(order, 32, 64, trd_command),
    PART(cancel, 32, 64, trd_command),
    PART(replace, 32, 64, trd_command),
    PART(mass_cancel, 32, 64, trd_command),
    PART(quote, 32, 64, trd_command),
    PART(price, 32, 64, trd_command),
    PART(subscribe, 32, 64, trd_command),
    PART(session, 32, 64, trd_command),
    PART(kill, 32, 64, trd_command),
    PART(deadman, 32, 64, trd_command),
    PART(protection, 32, 64, trd_command),
    PART(order_prices, 0, 64, trd_ext_prices),
    PART(order_sizes, 0, 64, trd_ext_sizes),
    PART(order_link, 0, 64, trd_ext_link),
    PART(exec, 0, 64, trd_ext_exec),
    PART(text, 0, 64, trd_ext_text),
    PART(table_row, 0, 64, trd_ext_row),
    PART(ev_order, 32, 64, trd_event),
    PART(ev_fill, 32, 64, trd_event),
    PART(ev_cancel, 32, 64, trd_event),
    PART(ev_trigger, 32, 64, trd_event),
    PART(ev_prevent, 32, 64, trd_event),
    PART(ev_restate, 32, 64, trd_event),
    PART(ev_level, 32, 64, trd_event),
    PART(ev_public, 32, 64, trd_event),
    PART(ev_tape, 32, 64, trd_event),
    PART(ev_session, 32, 64, trd_event),
    PART(ev_auction, 32, 64, trd_event),
    WHOLE(trd_mem, 24),
    WHOLE(trd_out, 16),
    WHOLE(trd_level, 24),
    WHOLE(trd_level_book_def, 40),
    WHOLE(trd_order_book_def, 48),
    WHOLE(trd_book_order, 32),
    WHOLE(trd_tick_tier, 16),
    WHOLE(trd_instrument, 416),
    WHOLE(trd_lead_maker, 8),
    WHOLE(trd_profile, 120),
    WHOLE(trd_match_def, 96),
    WHOLE(trd_order_info, 80),
    WHOLE(trd_match_stats, 64),
    WHOLE(trd_name, 40),
    WHOLE(trd_request, 64),
    WHOLE(trd_report, 192),
    WHOLE(trd_outcome, 128),
    WHOLE(trd_position_report, 32),
    WHOLE(trd_tracker_def, 88),
    WHOLE(trd_account_key, 8),
    WHOLE(trd_tracked, 128),
    WHOLE(trd_tracked_position, 40),
    WHOLE(trd_order_key, 16),
    WHOLE(trd_position_key, 12),
    WHOLE(trd_tracker_stats, 136),
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int faults;

static void expect(
    const char *of, const char *name, const char *what, size_t real, size_t written) {
    if (real != written) {
        printf("%s.%s %s: %zu, must be %zu\n", of, name, what, real, written);
        faults++;
    }
}

/* The fields of a record follow each other without gap or overlap, to the end of the record. */
static void check_record(const record *r, const field *fields, size_t count) {
    expect(r->name, "*", "size", r->real_size, r->size);
    size_t at = r->begin;
    for (size_t i = 0; i < count; i++) {
        const field *f = &fields[i];
        if (strcmp(f->record, r->name) != 0) {
            continue;
        }
        expect(r->name, f->name, "offset", f->real_offset, f->offset);
        expect(r->name, f->name, "width", f->real_width, f->width);
        expect(r->name, f->name, "follows what is before it", f->offset, at);
        at = f->offset + f->width;
    }
    expect(r->name, "*", "is covered to its end", at, r->end);
}

static void check_known(const field *fields, size_t count) {
    for (size_t i = 0; i < count; i++) {
        size_t known = 0;
        for (size_t r = 0; r < COUNT(RECORDS); r++) {
            known += strcmp(RECORDS[r].name, fields[i].record) == 0;
        }
        expect(fields[i].record, fields[i].name, "has a record", known, 1);
    }
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--print") == 0) {
        for (size_t i = 0; i < COUNT(SLOTS); i++) {
            const field *f = &SLOTS[i];
            printf("%s %s %zu %zu\n", f->record, f->name, f->real_offset, f->real_width);
        }
        return 0;
    }
    for (size_t r = 0; r < COUNT(RECORDS); r++) {
        const int definition = strncmp(RECORDS[r].name, "trd_", 4) == 0;
        check_record(&RECORDS[r], definition ? DEFINITIONS : SLOTS,
            definition ? COUNT(DEFINITIONS) : COUNT(SLOTS));
    }
    check_known(SLOTS, COUNT(SLOTS));
    check_known(DEFINITIONS, COUNT(DEFINITIONS));
    printf("layout: %zu records, %zu fields, %d faults\n", COUNT(RECORDS),
        COUNT(SLOTS) + COUNT(DEFINITIONS), faults);
    return faults == 0 ? 0 : 1;
}

#include <string.h>

#include "replay/itch.h"

static const char *const verdict_names[ITCH_VERDICTS] = {
    [ITCH_UNKNOWN] = "differs: reference unknown",
    [ITCH_OVERSIZED] = "differs: more than the order had left",
    [ITCH_GONE] = "differs: already traded here, against a crossing order",
    [ITCH_LESS] = "differs: partly traded here, against a crossing order",
    [ITCH_OTHER_PRICE] = "differs: executed at another price than the order's",
    [ITCH_BETTER] = "differs: a better price was there",
    [ITCH_BEHIND] = "differs: another order was first at the price",
    [ITCH_SAME] = "same order executed by the matching engine",
};

static bool same_side(const itch_state *at, uint32_t index, unsigned side) {
    static trd_level mine[DEPTH_MAX], venue[DEPTH_MAX];
    const int count = trd_match_depth(at->run->match, index, side, mine, DEPTH_MAX);
    const int other = trd_order_book_depth(at->book, index, side, venue, DEPTH_MAX);
    return count == other && memcmp(mine, venue, (size_t)count * sizeof(mine[0])) == 0;
}

static void tell_books(const itch_state *at) {
    uint64_t same = 0;
    for (uint32_t i = 0; i < at->report->symbols.count; i++) {
        same += same_side(at, i, TRD_BUY) && same_side(at, i, TRD_SELL) ? 1 : 0;
    }
    report_count(at->report, "books", "orders in the venue's books at the end",
        trd_order_book_count(at->book));
    report_count(at->report, "books", "symbols whose matcher's book is the venue's", same);
    report_count(at->report, "books", "symbols whose matcher's book differs",
        at->report->symbols.count - same);
}

static void tell_messages(const itch_state *at, const trd_itch_reader *reader) {
    report *to = at->report;
    for (unsigned i = 0; i < 128; i++) {
        report_count_some(to, "messages", trd_itch_text(i), reader->counts.type[i]);
    }
    for (unsigned i = 0; i < ITCH_VERDICTS; i++) {
        report_count(to, "executions of the venue", verdict_names[i], at->verdicts[i]);
    }
    report_count(to, "executions of the venue", "not printable", at->unprintable);
    report_count(to, "prints beside the book", "hidden", at->prints);
    report_count(to, "prints beside the book", "hidden, shares", at->print_qty);
    report_count(to, "prints beside the book", "auctions", at->crosses);
    report_count(to, "prints beside the book", "auctions, shares", at->cross_qty);
    report_count(to, "prints beside the book", "broken", at->breaks);
}

static void tell_odd(const itch_state *at, const trd_itch_reader *reader) {
    static const char unknown_types[] = "ECXDU";
    static const char *const unknown_names[] = {"executed, order unknown",
        "executed at a price, order unknown", "canceled in part, order unknown",
        "deleted, order unknown", "replaced, order unknown"};
    report *to = at->report;
    uint64_t unknown = 0;
    for (unsigned i = 0; i < 5; i++) {
        unknown += at->unknown[(unsigned)unknown_types[i]];
    }
    report_count(to, "odd", "references to unknown orders", unknown);
    for (unsigned i = 0; i < 5; i++) {
        report_count(to, "odd", unknown_names[i], at->unknown[(unsigned)unknown_types[i]]);
    }
    report_count(to, "odd", "reductions by more than the order had", at->oversized);
    report_count(to, "odd", "added, reference lives already", at->duplicates);
    report_count(to, "odd", "added across the other side of the book", at->crossed);
    report_count(to, "odd", "wrong side or no quantity", at->wrong);
    report_count(to, "odd", "no room in the book", at->full);
    report_count(to, "odd", "instruments without a directory message", at->nameless);
    report_count(to, "odd", "messages of unknown type", reader->counts.unknown);
    report_count(to, "odd", "messages too short", reader->counts.malformed);
    report_count(to, "odd", "messages too long", reader->counts.oversized);
    report_count(to, "odd", "file ends inside a message", reader->counts.truncated);
    report_count(to, "odd", "file ends without its end mark",
        reader->framing == TRD_ITCH_FRAMING_LENGTH && !reader->ended ? 1 : 0);
}

void itch_tell(const itch_state *at, const trd_itch_reader *reader) {
    tell_messages(at, reader);
    tell_odd(at, reader);
    tell_books(at);
}

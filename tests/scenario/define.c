/* define.c - the lines before the first command: what the engine is, and its books. */
#include <stdio.h>
#include <string.h>

#include "scenario.h"

static void read_tier(words *line, trd_instrument *spec) {
    if (spec->tier_count == TRD_TIERS_MAX) {
        bail("more than %d tiers", TRD_TIERS_MAX);
    }
    trd_tick_tier *tier = &spec->tiers[spec->tier_count++];
    tier->from = words_number(line);
    tier->step = words_number(line);
}

static void read_kind(words *line, trd_instrument *spec) {
    static const char *const kinds[] = {"spot", "linear", "inverse", "option"};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (words_accept(line, kinds[i])) {
            spec->kind = (uint8_t)(i + TRD_INSTRUMENT_SPOT);
            return;
        }
    }
    bail("no instrument kind '%s'", words_take(line));
}

/* Where this venue differs, bits of the specification. */
static void read_bits(words *line, trd_instrument *spec) {
    static const char *const names[] = {"slide", "fok-single", "through-rejects", "auction-stp"};
    const unsigned bit = words_choice(line, names, sizeof(names) / sizeof(names[0]));
    if (bit == 0) {
        bail("profile: slide, fok-single, through-rejects, auction-stp");
    }
    spec->profile |= 1u << (bit - 1);
}

/* book NAME [key value]... */
void define_book(words *line, ledger *known) {
    if (known->book_count == BOOKS_MAX) {
        bail("there are at most %d books", BOOKS_MAX);
    }
    trd_instrument *spec = &known->specs[known->book_count];
    char *name = known->books[known->book_count];
    known->states[known->book_count++] = TRD_SESSION_CONTINUOUS;
    *spec = trd_instrument_default();
    snprintf(name, TRD_SYMBOL_SIZE, "%s", words_take(line));
    memcpy(spec->symbol, name, TRD_SYMBOL_SIZE);
    const struct {
        const char *key;
        int64_t *value;
    } keys[] = {{"min", &spec->px_min}, {"max", &spec->px_max}, {"qty_min", &spec->qty_min},
        {"qty_max", &spec->qty_max}, {"lot", &spec->lot_step},
        {"notional_min", &spec->notional_min}, {"notional_max", &spec->notional_max},
        {"numerator", &spec->numerator}, {"denominator", &spec->denominator},
        {"tick", &spec->tick_size}};
    while (words_more(line)) {
        bool found = false;
        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && !found; i++) {
            found = words_accept(line, keys[i].key);
            if (found) {
                *keys[i].value = words_number(line);
            }
        }
        if (!found && words_accept(line, "tier")) {
            read_tier(line, spec);
        } else if (!found && words_accept(line, "kind")) {
            read_kind(line, spec);
        } else if (!found && words_accept(line, "profile")) {
            read_bits(line, spec);
        } else if (!found) {
            bail("a book has no '%s'", words_take(line));
        }
    }
}

static void read_ties(words *line, trd_profile *profile) {
    static const char *const presets[] = {"nse", "nasdaq", "lse", "vega"};
    static const char *const names[] = {
        "imbalance", "pressure", "reference", "middle", "highest", "lowest"};
    const unsigned preset = words_choice(line, presets, sizeof(presets) / sizeof(presets[0]));
    if (preset != 0) {
        if (trd_profile_ties(profile, preset) != TRD_OK) {
            bail("the preset is refused");
        }
        return;
    }
    memset(profile->ties, 0, sizeof(profile->ties));
    unsigned tie = words_accept(line, "none") ? 0 : 1;
    for (size_t i = 0; tie != 0 && i < TRD_TIES_MAX; i++) {
        tie = words_choice(line, names, sizeof(names) / sizeof(names[0]));
        profile->ties[i] = (uint8_t)tie;
    }
}

/* band reject|cancel BELOW ABOVE [SOURCE] [whole] */
static void read_band(words *line, trd_profile *profile) {
    static const char *const actions[] = {"reject", "cancel"};
    profile->band_action = (uint8_t)words_choice(line, actions, 2);
    profile->band_below = (uint32_t)words_number(line);
    profile->band_above = (uint32_t)words_number(line);
    const unsigned source = words_choice(line, source_names, SOURCES_COUNT);
    profile->band_source = (uint8_t)(source != 0 ? source : TRD_SOURCE_LAST);
    profile->band_whole = words_accept(line, "whole");
}

/* lead ACCOUNT PERCENT */
static void read_lead(words *line, trd_profile *profile) {
    for (size_t i = 0; i < TRD_LEAD_MAKERS_MAX; i++) {
        if (profile->lead[i].percent == 0) {
            profile->lead[i].account = words_account(line);
            profile->lead[i].percent = (uint32_t)words_number(line);
            return;
        }
    }
    bail("more than %d lead makers", TRD_LEAD_MAKERS_MAX);
}

static void read_allocation(words *line, trd_profile *profile) {
    static const char *const names[] = {"A", "C", "K", "O", "Q", "S", "T", "prorata"};
    profile->allocation =
        (uint8_t)words_choice(line, names, sizeof(names) / sizeof(names[0])); /* FIFO is 0 */
    if (profile->allocation == 0 && !words_accept(line, "fifo")) {
        bail("no allocation '%s'", words_take(line));
    }
}

/* One key of a profile; false if the next word is none. */
static bool read_profile_key(words *line, trd_profile *profile) {
    if (words_accept(line, "allocation")) {
        read_allocation(line, profile);
    } else if (words_accept(line, "fifo_percent")) {
        profile->fifo_percent = (uint8_t)words_number(line);
    } else if (words_accept(line, "prorata_min")) {
        profile->prorata_min = words_number(line);
    } else if (words_accept(line, "top")) { /* top MIN MAX */
        profile->top_min = words_number(line);
        profile->top_max = words_number(line);
    } else if (words_accept(line, "lead")) {
        read_lead(line, profile);
    } else if (words_accept(line, "ties")) {
        read_ties(line, profile);
    } else if (words_accept(line, "band")) {
        read_band(line, profile);
    } else if (words_accept(line, "limit")) { /* limit WAIT PAUSE [auction] */
        profile->limit_wait = words_time(line);
        profile->limit_pause = words_time(line);
        profile->limit_auction = words_accept(line, "auction");
    } else if (words_accept(line, "breaker")) { /* breaker WINDOW VARIATION PAUSE */
        profile->breaker_window = words_time(line);
        profile->breaker_variation = (uint32_t)words_number(line);
        profile->breaker_pause = words_time(line);
    } else {
        return false;
    }
    return true;
}

void define_profile(words *line, trd_profile *profile) {
    *profile = trd_profile_default();
    while (read_profile_key(line, profile)) {
    }
}

static void read_ids(words *line, trd_match_def *def) {
    if (words_accept(line, "window")) {
        def->id_mode = TRD_IDS_WINDOW;
        def->ids_max = (uint32_t)words_number(line);
        return;
    }
    def->ids_max = 0;
    if (words_accept(line, "ascending")) {
        def->id_mode = TRD_IDS_ASCENDING;
    } else if (words_accept(line, "reuse")) {
        def->id_mode = TRD_IDS_REUSE;
    } else {
        bail("ids: window N, ascending or reuse");
    }
}

/* engine [ids ...] [accounts N] [orders N] [specials N] [positions N] [quotes N] [groups N]
 *        [elect N] [allocates] [verdicts] [publish ...] */
void define_engine(words *line, trd_match_def *def) {
    bool sized = false; /* it says how many special orders there may be */
    while (words_more(line)) {
        if (words_accept(line, "ids")) {
            read_ids(line, def);
        } else if (words_accept(line, "accounts")) {
            def->accounts_max = (uint32_t)words_number(line);
        } else if (words_accept(line, "orders")) {
            def->orders_max = (uint32_t)words_number(line);
        } else if (words_accept(line, "specials")) {
            def->specials_max = (uint32_t)words_number(line);
            sized = true;
        } else if (words_accept(line, "positions")) {
            def->positions_max = (uint32_t)words_number(line);
        } else if (words_accept(line, "quotes")) {
            def->quotes_max = (uint32_t)words_number(line);
        } else if (words_accept(line, "groups")) {
            def->groups_max = (uint32_t)words_number(line);
        } else if (words_accept(line, "elect")) {
            def->elect_max = (uint32_t)words_number(line);
        } else if (words_accept(line, "allocates")) {
            def->allocates = 1;
        } else if (words_accept(line, "verdicts")) {
            def->verdicts = 1;
        } else if (words_accept(line, "publish")) {
            def->publish = words_publish(line);
        } else {
            bail("an engine has no '%s'", words_take(line));
        }
    }
    if (!sized) {
        def->specials_max = def->orders_max;
    }
}

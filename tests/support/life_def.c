/* life_def.c - what a life is born with: definition, instruments, profiles, fondnesses, odds. */
#include "life_inner.h"

#include <string.h>

/* --- Definition and instruments -------------------------------------------------------------- */

/* Room for special orders and positions: none, little, or enough. */
static uint32_t draw_room(dice *d, uint32_t enough) {
    const uint32_t room[] = {0, (uint32_t)dice_log(d, 1, 8), enough, enough, enough, enough};
    return room[dice_below(d, 6)];
}

enum {
    QUOTES_ENOUGH = LIFE_INSTRUMENTS_MAX * 16, /* of each account that quotes */
    GROUPS_ENOUGH = 1000,
    CASCADE = 300 /* children may feed their parents for as long as those have lots */
};

static void draw_special_room(life *l) {
    dice *d = &l->rng;
    const uint32_t orders = l->def.orders_max;
    const uint32_t room = draw_room(d, orders);
    l->def.specials_max = dice_odds(d, 1, 2) ? orders : room < orders ? room : orders;
    l->def.positions_max =
        life_has(l, LIFE_REDUCE) ? draw_room(d, LIFE_INSTRUMENTS_MAX * 3 * 16) : 0;
    if (life_has(l, LIFE_SESSION) && dice_odds(d, 1, 3)) { /* more would halt the instrument */
        l->def.elect_max = (uint32_t)dice_log(d, 1, 16);
    }
    l->def.allocates = life_has(l, LIFE_ALLOCATE) && dice_odds(d, 1, 2);
    if (life_has(l, LIFE_QUOTE) && !dice_odds(d, 1, 10)) {
        l->def.quotes_max = dice_odds(d, 1, 4) ? (uint32_t)dice_in(d, 1, 3) : QUOTES_ENOUGH;
    }
    if (life_has(l, LIFE_LINKED) && !dice_odds(d, 1, 10)) {
        l->def.groups_max = dice_odds(d, 1, 4) ? (uint32_t)dice_in(d, 1, 3) : GROUPS_ENOUGH;
        if (l->def.elect_max > CASCADE) {
            l->def.elect_max = CASCADE;
        }
    }
}

/* All may go on, none may, or some. */
static void draw_verdicts(life *l) {
    dice *d = &l->rng;
    if (!life_has(l, LIFE_VERDICT) || dice_odds(d, 1, 2)) {
        return;
    }
    l->def.verdicts = 1;
    l->refuse = dice_odds(d, 1, 10)   ? 0
                : dice_odds(d, 1, 20) ? 1000
                                      : 20 + (uint32_t)dice_below(d, 700);
}

void life_draw_def(life *l) {
    dice *d = &l->rng;
    static const uint32_t capacity[] = {1, 2, 8, 30, 100, 300, 500, 1000};
    l->def = trd_match_def_default();
    l->def.instruments_max = l->instruments + (uint32_t)dice_below(d, 2);
    l->def.orders_max = capacity[dice_below(d, 8)];
    l->def.orders_max += (uint32_t)dice_below(d, 8);
    l->def.id_mode = (uint32_t)dice_in(d, TRD_IDS_WINDOW, TRD_IDS_REUSE);
    l->def.ids_max = l->def.id_mode == TRD_IDS_WINDOW ? (uint32_t)dice_log(d, 1, 300) : 0;
    l->accounts = (uint32_t)dice_log(d, 1, 16);
    l->def.accounts_max = l->accounts;
    if (l->def.id_mode != TRD_IDS_ASCENDING && dice_odds(d, 1, 2)) {
        l->def.accounts_max = 0;
    }
    l->def.window = (uint32_t)64 << dice_below(d, 5);
    l->def.publish = (uint32_t)dice_below(d, TRD_PUBLISH_ALL + 1);
    l->def.hash_seed = dice_u64(d);
    draw_special_room(l);
    draw_verdicts(l);
}

/* Price ranges: an ordinary one, one through zero, a wide one, all that fits, a narrow one. */
static void draw_px_range(dice *d, trd_instrument *spec) {
    static const trd_px low[] = {1, -1000, -((trd_px)1 << 40), -((trd_px)1 << 61) + 1, 90};
    static const trd_px high[] = {1 << 20, 1000, (trd_px)1 << 40, ((trd_px)1 << 61) - 1, 110};
    const uint64_t at = dice_below(d, 5);
    spec->px_min = low[at];
    spec->px_max = high[at];
    if (spec->kind == TRD_INSTRUMENT_INVERSE && spec->px_min < 1) {
        spec->px_min = 1;
    }
}

/* Tiers with steps that divide each other, so that a bound rounded to the coarsest step is a price
 * whatever tier it is in. */
static void draw_tiers(dice *d, trd_instrument *spec) {
    static const int64_t step[] = {1, 5, 10, 50};
    const int64_t coarsest = 50;
    if (spec->px_max - spec->px_min < 500 || dice_odds(d, 1, 2)) {
        return;
    }
    spec->tier_count = (uint32_t)dice_in(d, 1, 4);
    const int64_t width = (spec->px_max / 2 - spec->px_min / 2) / 4;
    trd_px from = spec->px_min + (trd_px)dice_below(d, 50);
    for (uint32_t i = 0; i < spec->tier_count; i++) {
        spec->tiers[i].from = from;
        spec->tiers[i].step = step[dice_below(d, 4)];
        from += dice_log(d, 1, width);
    }
    spec->px_min = (spec->px_min / coarsest + 1) * coarsest;
    spec->px_max = (spec->px_max / coarsest - 1) * coarsest;
}

/* Quantities such that no value reaches 2^62 (instrument.h) and no sum of `orders_max` 2^63. */
static void draw_qty_range(dice *d, trd_instrument *spec, uint32_t orders_max) {
    const unsigned __int128 limit = (unsigned __int128)1 << 62;
    const __int128 highest =
        -(__int128)spec->px_min > spec->px_max ? -(__int128)spec->px_min : spec->px_max;
    unsigned __int128 most = (limit - 1) / (unsigned __int128)highest;
    if (spec->kind == TRD_INSTRUMENT_INVERSE) {
        most = (limit - 1) * (unsigned __int128)spec->px_min;
    }
    most = most * (unsigned __int128)spec->denominator / (unsigned __int128)spec->numerator;
    if (most == 0) {
        spec->numerator = 1;
        spec->denominator = 1;
        most = (limit - 1) / (unsigned __int128)highest;
    }
    const bool huge = dice_odds(d, 1, 10); /* a few orders are all that 63 bits hold */
    const int64_t cut = huge ? INT64_MAX / orders_max : (int64_t)1 << 52;
    const int64_t top = most > (unsigned __int128)cut ? cut : (int64_t)most;
    const int64_t step[] = {1, 1, 3, 10, 100};
    spec->lot_step = huge ? top / dice_log(d, 1, 100) : step[dice_below(d, 5)];
    if (spec->lot_step > top || spec->lot_step < 1) {
        spec->lot_step = 1;
    }
    const int64_t steps = top / spec->lot_step;
    const int64_t max =
        huge || dice_odds(d, 1, 3) ? steps : dice_log(d, steps < 500 ? steps : 500, steps);
    spec->qty_max = max * spec->lot_step;
    spec->qty_min = life_between(dice_log(d, 1, 4), 1, max) * spec->lot_step;
    if (dice_odds(d, 1, 4)) { /* bounds that are no quantities themselves */
        spec->qty_min -= (int64_t)dice_below(d, (uint64_t)spec->lot_step);
        spec->qty_max +=
            (int64_t)dice_below(d, (uint64_t)(top - spec->qty_max) + 1) % spec->lot_step;
    }
}

int64_t life_value_of(const trd_instrument *spec, trd_px px, trd_qty qty) {
    const __int128 over = (__int128)qty * spec->numerator;
    const __int128 at = px < 0 ? -(__int128)px : px;
    const __int128 value = spec->kind == TRD_INSTRUMENT_INVERSE
                               ? over / (at == 0 ? 1 : at) / spec->denominator
                               : over * at / spec->denominator;
    return life_between(value, 0, ((int64_t)1 << 62) - 1);
}

/* Limits on values are set around what the first mood makes orders worth. */
static void draw_notional(life *l, uint32_t at) {
    dice *d = &l->rng;
    trd_instrument *spec = &l->spec[at];
    const trd_qty qty =
        life_between((__int128)l->odds.size * spec->lot_step, spec->qty_min, spec->qty_max);
    const int64_t typical = life_value_of(spec, l->centre[at], qty);
    if (dice_odds(d, 1, 6)) {
        spec->notional_min = typical / dice_log(d, 2, 1000) + 1;
    }
    if (dice_odds(d, 1, 6)) {
        const __int128 most = (__int128)typical * dice_in(d, 2, 30) + 1;
        spec->notional_max =
            life_between(most, spec->notional_min > 0 ? spec->notional_min : 1, (int64_t)1 << 61);
    }
    if (spec->notional_max != 0 && spec->notional_max < spec->notional_min) {
        spec->notional_max = 0;
    }
}

static uint32_t draw_profile_bits(life *l) {
    uint32_t bits =
        dice_odds(&l->rng, 1, 3) ? (uint32_t)dice_below(&l->rng, TRD_PROFILE_ALL + 1) : 0;
    bits &= life_has(l, LIFE_SLIDE) ? ~0u : ~(uint32_t)TRD_PROFILE_POST_ONLY_SLIDE;
    bits &= life_has(l, LIFE_SINGLE) ? ~0u : ~(uint32_t)TRD_PROFILE_FOK_SINGLE_PRICE;
    bits &= life_has(l, LIFE_TRIGGER) ? ~0u : ~(uint32_t)TRD_PROFILE_STOP_THROUGH_REJECTS;
    bits &= life_has(l, LIFE_SESSION) ? ~0u : ~(uint32_t)TRD_PROFILE_AUCTION_STP;
    return bits;
}

/* --- Profiles -------------------------------------------------------------------------------- */

static void draw_allocation(life *l, trd_profile *p) {
    dice *d = &l->rng;
    if (l->def.allocates == 0 || dice_odds(d, 1, 5)) {
        return;
    }
    p->allocation = (uint8_t)dice_in(d, TRD_ALLOCATE_FIFO, TRD_ALLOCATE_PRORATA);
    p->fifo_percent = (uint8_t)(dice_odds(d, 1, 4) ? 100 * dice_below(d, 2) : dice_below(d, 101));
    p->prorata_min = dice_odds(d, 1, 2) ? (trd_qty)dice_below(d, 4) : dice_log(d, 1, 300);
    p->top_min = dice_odds(d, 1, 2) ? 0 : dice_log(d, 1, 300);
    p->top_max = dice_odds(d, 1, 2) ? 0 : dice_log(d, 1, 300);
    uint32_t left = 100;
    uint32_t account = (uint32_t)dice_below(d, l->accounts);
    for (uint64_t i = dice_below(d, TRD_LEAD_MAKERS_MAX + 1); i-- > 0 && left > 0;) {
        p->lead[i].account = account++;
        p->lead[i].percent = (uint32_t)dice_log(d, 1, left);
        left -= p->lead[i].percent;
    }
}

static void draw_ties(life *l, trd_profile *p) {
    dice *d = &l->rng;
    memset(p->ties, TRD_TIE_NONE, sizeof(p->ties));
    for (uint64_t i = dice_below(d, TRD_TIES_MAX + 1); i-- > 0;) {
        p->ties[i] = (uint8_t)dice_in(d, TRD_TIE_IMBALANCE, TRD_TIE_LOWEST);
    }
}

/* Basis points of a price that are about so many ticks. */
static uint32_t basis_points(trd_px px, int64_t ticks) {
    const __int128 at = px < 0 ? -(__int128)px : px;
    return (uint32_t)life_between((__int128)ticks * 10000 / (at == 0 ? 1 : at), 1, 10000);
}

static void draw_band(life *l, trd_profile *p, trd_px centre) {
    dice *d = &l->rng;
    static const uint8_t source[] = {TRD_SOURCE_LAST, TRD_SOURCE_MARK, TRD_SOURCE_INDEX};
    if (!life_has(l, LIFE_BAND) || dice_odds(d, 1, 2)) {
        return;
    }
    p->band_action = (uint8_t)dice_in(d, TRD_BAND_REJECT, TRD_BAND_CANCEL);
    p->band_source = source[dice_below(d, life_has(l, LIFE_PRICE) ? 3 : 1)];
    p->band_whole = dice_odds(d, 1, 3);
    p->band_below = dice_odds(d, 1, 12) ? 0 : basis_points(centre, dice_log(d, 1, 200));
    p->band_above = dice_odds(d, 1, 12) ? 0 : basis_points(centre, dice_log(d, 1, 200));
    if (life_has(l, LIFE_LIMIT) && dice_odds(d, 1, 2)) {
        p->limit_wait = dice_log(d, 1, l->style.pace * 20);
        /* At the band an instrument pauses again and again: not too often within a command. */
        p->limit_pause = l->style.pace * 10 + dice_log(d, 1, l->style.pace * 100);
        p->limit_auction = dice_odds(d, 1, 2);
    }
}

static void draw_breaker(life *l, trd_profile *p, trd_px centre) {
    dice *d = &l->rng;
    if (!life_has(l, LIFE_BREAKER) || dice_odds(d, 2, 3)) {
        return;
    }
    p->breaker_window = dice_in(d, 16, 32);
    p->breaker_window += dice_log(d, 1, l->style.pace * 500);
    p->breaker_pause = l->style.pace * 10 + dice_log(d, 1, l->style.pace * 100);
    p->breaker_variation = basis_points(centre, dice_log(d, 1, 300));
}

static void draw_profile(life *l, uint32_t at) {
    trd_profile *p = &l->profile[at];
    *p = trd_profile_default();
    draw_allocation(l, p);
    if (life_has(l, LIFE_SESSION) && dice_odds(&l->rng, 2, 3)) {
        draw_ties(l, p);
    }
    draw_band(l, p, l->centre[at]);
    draw_breaker(l, p, l->centre[at]);
}

void life_draw_instrument(life *l, uint32_t at) {
    dice *d = &l->rng;
    trd_instrument *spec = &l->spec[at];
    *spec = trd_instrument_default();
    spec->symbol[0] = (char)('A' + at);
    spec->kind = dice_odds(d, 1, 3)   ? TRD_INSTRUMENT_INVERSE
                 : dice_odds(d, 1, 2) ? TRD_INSTRUMENT_LINEAR
                                      : TRD_INSTRUMENT_SPOT;
    spec->tick_size = dice_odds(d, 2, 3) ? 1 : dice_in(d, 2, 25);
    spec->profile = draw_profile_bits(l);
    spec->numerator = dice_odds(d, 1, 2) ? 1 : dice_log(d, 1, 1000);
    spec->denominator = dice_odds(d, 1, 2) ? 1 : dice_in(d, spec->numerator, 100000);
    if (spec->kind == TRD_INSTRUMENT_INVERSE) {
        spec->numerator = dice_log(d, 1000, 100000000);
        spec->denominator = dice_log(d, 1, 1000);
    }
    draw_px_range(d, spec);
    draw_tiers(d, spec);
    draw_qty_range(d, spec, l->def.orders_max);
    l->centre[at] = dice_odds(d, 1, 2) ? life_between(1000, spec->px_min, spec->px_max)
                                       : life_anywhere(d, spec->px_min, spec->px_max);
    draw_notional(l, at);
    draw_profile(l, at);
}

int64_t life_step_at(const trd_instrument *spec, trd_px px) {
    int64_t step = spec->tier_count > 0 ? spec->tiers[0].step : 1;
    for (uint32_t i = 1; i < spec->tier_count; i++) {
        step = px >= spec->tiers[i].from ? spec->tiers[i].step : step;
    }
    return step;
}

/* --- Odds ------------------------------------------------------------------------------------ */

static void draw_row(dice *d, uint32_t *row, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        row[i] = dice_odds(d, 1, 4) ? 1 : (uint32_t)dice_log(d, 1, 100);
    }
}

void life_draw_mood(life *l) {
    dice *d = &l->rng;
    life_odds *o = &l->odds;
    draw_row(d, o->kind, 6);
    o->kind[0] = 60 + (uint32_t)dice_below(d, 600);
    o->kind[4] = o->kind[4] / 30 + 1;
    o->kind[5] = o->kind[5] / 20 + 1;
    draw_row(d, o->tif, 3);
    o->tif[0] += 50;
    draw_row(d, o->id, 4);
    o->id[0] = 100 + (uint32_t)dice_below(d, 2000);
    draw_row(d, o->replace, 7);
    o->market = (uint32_t)dice_log(d, 1, 30);
    o->post_only = (uint32_t)dice_log(d, 1, 40);
    o->minimum = (uint32_t)dice_log(d, 1, 40);
    o->by_handle = (uint32_t)dice_below(d, 101);
    o->new_id = (uint32_t)dice_below(d, 101);
    o->spoil = dice_odds(d, 1, 3) ? 0 : (uint32_t)dice_log(d, 1, 150);
    o->unsupported = dice_odds(d, 1, 3) ? 0 : (uint32_t)dice_log(d, 1, 60);
    o->far = dice_odds(d, 1, 2) ? 0 : (uint32_t)dice_log(d, 1, 500);
    o->wrong_qty = dice_odds(d, 1, 3) ? 0 : (uint32_t)dice_log(d, 1, 200);
    o->cross = (uint32_t)dice_below(d, 60);
    o->spread = dice_log(d, 1, dice_odds(d, 1, 4) ? 5000 : 40);
    o->size = dice_log(d, 1, 1000);
    if (dice_odds(d, 1, 4)) { /* fill the book */
        o->kind[0] = 5000;
        o->tif[0] = 5000;
        o->cross = 0;
        o->market = 0;
    } else if (dice_odds(d, 1, 10)) { /* empty it */
        o->kind[1] = 3000;
        o->cross = 90;
    }
    l->mood_left = (uint32_t)dice_log(d, 20, 2000);
}

/* --- Style ----------------------------------------------------------------------------------- */

/* Odds of something that half of the lives do not have, and none whose features leave it out. */
static uint32_t fond(life *l, uint32_t feature, uint32_t most) {
    return life_has(l, feature) && dice_odds(&l->rng, 1, 2) ? (uint32_t)dice_log(&l->rng, 1, most)
                                                            : 0;
}

static void draw_types(life *l, uint32_t *type) {
    type[TRD_TYPE_LIMIT] = (uint32_t)dice_log(&l->rng, 1, 100);
    type[TRD_TYPE_MARKET] = fond(l, ~0u, 100);
    type[TRD_TYPE_MARKET_PROTECTED] = fond(l, LIFE_PRICED, 50);
    type[TRD_TYPE_MARKET_TO_LIMIT] = fond(l, LIFE_PRICED, 50);
    type[TRD_TYPE_STOP] = fond(l, LIFE_TRIGGER, 100);
    type[TRD_TYPE_STOP_LIMIT] = fond(l, LIFE_TRIGGER, 100);
    type[TRD_TYPE_TOUCHED] = fond(l, LIFE_TRIGGER, 100);
    type[TRD_TYPE_TOUCHED_LIMIT] = fond(l, LIFE_TRIGGER, 100);
    type[TRD_TYPE_TRAILING_STOP] = fond(l, LIFE_TRAIL, 100);
    type[TRD_TYPE_TRAILING_STOP_LIMIT] = fond(l, LIFE_TRAIL, 100);
    type[TRD_TYPE_PEGGED] = fond(l, LIFE_PEG, 100);
}

static void draw_tifs(life *l, uint32_t *tif) {
    tif[TRD_TIF_GTC] = (uint32_t)dice_log(&l->rng, 1, 100);
    tif[TRD_TIF_IOC] = fond(l, ~0u, 40);
    tif[TRD_TIF_FOK] = fond(l, ~0u, 40);
    tif[TRD_TIF_DAY] = fond(l, LIFE_TIF, 60);
    tif[TRD_TIF_GTD] = fond(l, LIFE_TIF, 60);
    tif[TRD_TIF_GFN] = fond(l, LIFE_TIF, 60);
    tif[TRD_TIF_AT_OPEN] = fond(l, LIFE_SESSION, 30);
    tif[TRD_TIF_AT_CLOSE] = fond(l, LIFE_SESSION, 60);
    tif[TRD_TIF_GFA] = fond(l, LIFE_SESSION, 60);
    tif[TRD_TIF_GTT] = fond(l, LIFE_TRIGGER, 60);
}

static void draw_execs(life *l, uint32_t *exec) {
    static const uint32_t feature[10] = {~0u, LIFE_SLIDE, LIFE_REDUCE, LIFE_REDUCE, LIFE_HIDDEN,
        LIFE_AON, LIFE_SINGLE, LIFE_ICEBERG, LIFE_ICEBERG, LIFE_BUDGET};
    for (int i = 0; i < 10; i++) {
        exec[i] = fond(l, feature[i], 700);
    }
}

static void draw_kinds(life *l, uint32_t *kind) {
    kind[0] = fond(l, LIFE_PRICE, 150);
    kind[1] = fond(l, LIFE_SESSION, 10);
    kind[2] = fond(l, LIFE_MASS, 20);
    kind[3] = fond(l, LIFE_KILL, 30);
    kind[4] = fond(l, LIFE_DEADMAN, 30);
}

/* Market makers quote much or not at all, and what protects them has to be met. */
static void draw_quoting(life *l) {
    dice *d = &l->rng;
    life_style *s = &l->style;
    if (fond(l, LIFE_QUOTE, 1) == 0) {
        return;
    }
    s->makers = (uint32_t)dice_in(d, 1, 4);
    s->meet = (uint32_t)dice_below(d, 40);
    const bool room = l->def.quotes_max > 0 && l->def.specials_max > 1;
    s->kind[5] = room ? 20 + (uint32_t)dice_below(d, 400) : 20;
    if (dice_odds(d, 2, 3)) {
        s->kind[6] = (uint32_t)dice_log(d, 16, 240);
    }
    if (dice_odds(d, 3, 4)) {
        s->hit_quote = 50 + (uint32_t)dice_below(d, 700);
    }
}

/* Groups, of all relations or mostly of one, and who executes with them. */
static void draw_linking(life *l) {
    dice *d = &l->rng;
    life_style *s = &l->style;
    if (fond(l, LIFE_LINKED, 1) == 0) {
        return;
    }
    s->linked = 20 + (uint32_t)dice_below(d, 300);
    s->hit_leg = dice_odds(d, 3, 4) ? 50 + (uint32_t)dice_below(d, 700) : 0;
    for (int i = 0; i < TRD_RELATION_BRACKET; i++) {
        s->relation[i] = (uint32_t)dice_log(d, 1, 100);
    }
}

/* Nothing special: a plain life among the others is as it was before there was anything else. */
static void draw_plain_style(life *l) {
    l->style.type[TRD_TYPE_LIMIT] = 1;
    l->style.tif[TRD_TIF_GTC] = 1;
    l->style.stp[0] = 1;
}

/* Lots are transferred where both have the mode and the group, and the accounts differ: a life has
 * that almost everywhere, or meets it never. */
static void draw_transferring(life_style *s) {
    memset(s->stp, 0, sizeof(s->stp));
    s->stp[0] = 1;
    s->stp[TRD_STP_TRANSFER] = 40;
    s->stp_of_any = 1000;
    s->link = 1000;
    s->special = 900;
}

void life_draw_style(life *l) {
    dice *d = &l->rng;
    static const int64_t pace[] = {1000, 1000000, 1000000000};
    life_style *s = &l->style;
    s->pace = pace[dice_below(d, 3)];
    s->due = (uint32_t)dice_log(d, 1, 20);
    if (l->features == LIFE_PLAIN || dice_odds(d, 1, 12)) {
        draw_plain_style(l);
        return;
    }
    s->special = dice_odds(d, 1, 8) ? 0 : 50 + (uint32_t)dice_below(d, 900);
    s->wrong = dice_odds(d, 1, 2) ? 0 : (uint32_t)dice_log(d, 1, 60);
    draw_types(l, s->type);
    draw_tifs(l, s->tif);
    draw_execs(l, s->exec);
    draw_kinds(l, s->kind);
    draw_quoting(l);
    draw_linking(l);
    s->peak = fond(l, LIFE_ICEBERG, 800);
    s->position = fond(l, LIFE_REDUCE, 800);
    s->link = fond(l, LIFE_LINK, 1000);
    if (s->link > 0 && dice_odds(d, 1, 3)) { /* so that groups meet themselves */
        s->link = 1000;
    }
    s->stp[0] = 1 + (uint32_t)dice_below(d, 20);
    for (int i = 1; i < 7; i++) {
        s->stp[i] = fond(l, LIFE_STP, 40);
    }
    if (life_has(l, LIFE_STP) && dice_odds(d, 1, 3)) { /* one way of prevention alone */
        memset(&s->stp[1], 0, 6 * sizeof(s->stp[0]));
        s->stp[dice_in(d, 1, 6)] = 40;
    }
    s->stp_of_any = fond(l, LIFE_STP, 1000) > 0 ? 100 + (uint32_t)dice_below(d, 900) : 0;
    if (life_has(l, LIFE_STP) && life_has(l, LIFE_LINK) && dice_odds(d, 1, 8)) {
        draw_transferring(s);
    }
    s->many_kills = dice_odds(d, 1, 8);
    if (s->many_kills) { /* 64 of them within a short life */
        s->kind[3] = life_has(l, LIFE_KILL) ? 120 : 0;
        s->kind[4] = life_has(l, LIFE_DEADMAN) ? 120 : 0;
    }
    if (life_has(l, LIFE_SESSION) && dice_odds(d, 3, 5)) {
        s->open = (uint32_t)dice_log(d, 30, 3000);
        s->closed = (uint32_t)dice_log(d, 4, 300);
    }
}

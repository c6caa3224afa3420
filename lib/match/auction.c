/* auction.c - the price of a call auction, and the uncross.
 *
 * The lots that can trade at a price p are V(p) = min(B(p), S(p)): B, the lots of buyers at p or
 * better, falls with p, and S rises. Letting the best buyer meet the best seller until they no
 * longer cross gives the highest V, and the prices at which it is reached: from `floor`, where the
 * sellers have reached V, up to `cap`, where the buyers have. What is left of the book between
 * these two does not cross: all bids there lie below all offers. The candidates are the prices of
 * the book from floor to cap.
 *
 * Of all prices in the book let p be the highest with B(p) >= S(p), and n the next one. Below p
 * there are no more sellers than at p, and from n on no more buyers than at n, so the highest V is
 * the greater of S(p) and B(n), and floor and cap are next to p: a search from there takes a step
 * or two. While a call is indicated, p and the lots of both sides at it or better stay in the desk
 * (trd_cross), and every change of a queue that is counted moves them: the next search begins where
 * the last one ended. What it costs is the levels between the old p and the new one, not those that
 * cross. */
#include "match/rich.h"

/* --- the book as an auction sees it ----------------------------------------------------------- */

typedef struct trd_rung {
    uint64_t key;
    trd_px px;
    trd_qty lots;
    bool is;
} trd_rung;

static uint32_t hidden_tree(const trd_match *match, uint32_t instrument, uint32_t s) {
    return trd__tree_at(match, instrument, TRD_TREE_HIDDEN + s);
}

/* All lots at `key`, of the book level and the hidden level that are nearest; either may be 0. */
static trd_rung rung_at(const trd_match *match, uint32_t instrument, uint32_t s, uint64_t key,
    uint32_t book, uint32_t hidden) {
    const trd_store *store = &match->store;
    char *arena = trd__store_arena(store);
    trd_rung rung = {.is = true, .key = key, .px = trd__key_px(key, s)};
    if (book != 0 && trd__queue(arena, book)->key == key) {
        const uint32_t reserve =
            trd__tree_find(store, trd__tree_at(match, instrument, TRD_TREE_RESERVE + s), key);
        rung.lots += trd__queue(arena, book)->qty;
        rung.lots += reserve != 0 ? trd__queue(arena, reserve)->qty : 0;
    }
    if (hidden != 0 && trd__queue(arena, hidden)->key == key) {
        rung.lots += trd__queue(arena, hidden)->qty;
    }
    return rung;
}

/* The rung of the one of two levels, book and hidden, that has the better key, or the worse one. */
static trd_rung rung_of(const trd_match *match, uint32_t instrument, uint32_t s, uint32_t book,
    uint32_t hidden, bool better) {
    char *arena = trd__store_arena(&match->store);
    if ((book | hidden) == 0) {
        return (trd_rung){.is = false};
    }
    if (book == 0 || hidden == 0) {
        const uint64_t key = trd__queue(arena, book | hidden)->key;
        return rung_at(match, instrument, s, key, book, hidden);
    }
    const uint64_t displayed = trd__queue(arena, book)->key;
    const uint64_t other = trd__queue(arena, hidden)->key;
    const bool of_book = better ? displayed > other : displayed < other;
    return rung_at(match, instrument, s, of_book ? displayed : other, book, hidden);
}

static trd_rung rung_best(const trd_match *match, uint32_t instrument, uint32_t s) {
    return rung_of(match, instrument, s, trd__ladder_best(&match->store, instrument * 2 + s),
        trd__tree_best(&match->store, hidden_tree(match, instrument, s)), true);
}

static trd_rung rung_worse(const trd_match *match, uint32_t instrument, uint32_t s, uint64_t key) {
    return rung_of(match, instrument, s, trd__ladder_below(&match->store, instrument * 2 + s, key),
        trd__tree_below(&match->store, hidden_tree(match, instrument, s), key), true);
}

/* The worst one whose key is at least `key`. */
static trd_rung rung_from(const trd_match *match, uint32_t instrument, uint32_t s, uint64_t key) {
    return rung_of(match, instrument, s, trd__ladder_from(&match->store, instrument * 2 + s, key),
        trd__tree_from(&match->store, hidden_tree(match, instrument, s), key), false);
}

static trd_qty market_lots(const trd_match *match, uint32_t instrument, uint32_t s) {
    const uint32_t unit =
        trd__tree_best(&match->store, trd__tree_at(match, instrument, TRD_TREE_AUCTION + s));
    return unit != 0 ? trd__queue(trd__store_arena(&match->store), unit)->qty : 0;
}

/* --- where the sides cross -------------------------------------------------------------------- */

/* A price, and the lots of each side that would trade there, market orders included. */
typedef struct crossing {
    trd_px px;
    trd_wide lots[2];
} crossing;

/* Lots of one side at `key` or better, from those at another key: walks what lies between. */
static trd_wide lots_moved(const trd_match *match, uint32_t instrument, uint32_t s, trd_wide lots,
    uint64_t from, uint64_t key) {
    if (key == from) {
        return lots;
    }
    if (key < from) {
        for (trd_rung rung = rung_worse(match, instrument, s, from); rung.is && rung.key >= key;
             rung = rung_worse(match, instrument, s, rung.key)) {
            lots += rung.lots;
        }
        return lots;
    }
    for (trd_rung rung = rung_from(match, instrument, s, from); rung.is && rung.key < key;
         rung = rung_from(match, instrument, s, rung.key + 1)) {
        lots -= rung.lots;
    }
    return lots;
}

/* Lots of one side that would trade at px. */
static trd_wide lots_at(
    const trd_match *match, uint32_t instrument, uint32_t s, trd_px px, const crossing *from) {
    return lots_moved(match, instrument, s, from->lots[s], trd__key(from->px, s), trd__key(px, s));
}

static crossing crossing_at(
    const trd_match *match, uint32_t instrument, trd_px px, const crossing *from) {
    return (crossing){.px = px,
        .lots = {lots_at(match, instrument, 0, px, from), lots_at(match, instrument, 1, px, from)}};
}

/* At px, from nothing. */
static crossing crossing_anew(const trd_match *match, uint32_t instrument, trd_px px) {
    crossing c = {.px = px};
    for (uint32_t s = 0; s < 2; s++) {
        const trd_rung top = rung_from(match, instrument, s, UINT64_MAX);
        const trd_wide lots = (trd_wide)market_lots(match, instrument, s) + top.lots;
        c.lots[s] = lots_moved(match, instrument, s, lots, UINT64_MAX, trd__key(px, s));
    }
    return c;
}

/* Where a search begins that knows nothing: half way between the best prices. */
static trd_px price_begin(const trd_rung *bid, const trd_rung *offer) {
    if (!bid->is || !offer->is) {
        return bid->is ? bid->px : offer->px;
    }
    return (trd_px)trd__div_floor((trd_wide)bid->px + offer->px, 2);
}

/* The next price above `px` (or below) at which anybody is; false if there is none. */
static bool price_next(
    const trd_match *match, uint32_t instrument, trd_px px, bool above, trd_px *out) {
    const uint32_t rises = above ? 0 : 1; /* side whose better prices lie that way */
    const uint64_t key = trd__key(px, rises);
    const trd_rung better =
        key < UINT64_MAX ? rung_from(match, instrument, rises, key + 1) : (trd_rung){.is = false};
    const trd_rung worse = rung_worse(match, instrument, rises ^ 1u, trd__key(px, rises ^ 1u));
    if (!better.is || !worse.is) {
        *out = better.is ? better.px : worse.px;
        return better.is || worse.is;
    }
    *out = (better.px < worse.px) == above ? better.px : worse.px;
    return true;
}

/* Moves to the highest price with no fewer buyers than sellers, or the lowest one of all, and
 * returns the highest V. */
static trd_wide crossing_find(const trd_match *match, uint32_t instrument, crossing *at) {
    trd_px px;
    while (at->lots[0] < at->lots[1] && price_next(match, instrument, at->px, false, &px)) {
        *at = crossing_at(match, instrument, px, at);
    }
    while (at->lots[0] >= at->lots[1] && price_next(match, instrument, at->px, true, &px)) {
        const crossing next = crossing_at(match, instrument, px, at);
        if (next.lots[0] < next.lots[1]) {
            return at->lots[1] > next.lots[0] ? at->lots[1] : next.lots[0];
        }
        *at = next;
    }
    return at->lots[0] < at->lots[1] ? at->lots[0] : at->lots[1];
}

/* --- the price -------------------------------------------------------------------------------- */

/* The candidates that are left, as far as any tie-break asks. */
typedef struct field {
    bool any;
    trd_px lowest;
    trd_px highest;
    bool below; /* is one at or below the reference */
    bool above;
    trd_px nearest_below;
    trd_px nearest_above;
    bool buyers; /* at one of them is a surplus of buyers; of sellers; of neither */
    bool sellers;
    bool even;
    trd_uwide surplus;
} field;

typedef struct search {
    bool has_reference;
    trd_px reference;
    field all;
    field smallest; /* those with the smallest surplus */
} search;

static void field_add(field *f, const search *at, trd_px px, trd_wide surplus) {
    f->lowest = !f->any || px < f->lowest ? px : f->lowest;
    f->highest = !f->any || px > f->highest ? px : f->highest;
    f->any = true;
    f->buyers |= surplus > 0;
    f->sellers |= surplus < 0;
    f->even |= surplus == 0;
    if (at->has_reference && px <= at->reference) {
        f->nearest_below = !f->below || px > f->nearest_below ? px : f->nearest_below;
        f->below = true;
    }
    if (at->has_reference && px >= at->reference) {
        f->nearest_above = !f->above || px < f->nearest_above ? px : f->nearest_above;
        f->above = true;
    }
}

static void consider(search *at, trd_px px, trd_wide surplus) {
    const trd_uwide size = surplus < 0 ? (trd_uwide)-surplus : (trd_uwide)surplus;
    field_add(&at->all, at, px, surplus);
    if (at->smallest.any && size > at->smallest.surplus) {
        return;
    }
    if (!at->smallest.any || size < at->smallest.surplus) {
        at->smallest = (field){.surplus = size};
    }
    field_add(&at->smallest, at, px, surplus);
}

/* Decides by one tie-break; true if that is the price. */
static bool decide(
    const search *at, const trd_listing *listing, const field *f, unsigned tie, trd_px *px) {
    switch (tie) {
    case TRD_TIE_PRESSURE:
        if (f->even || f->buyers == f->sellers) {
            return false;
        }
        *px = f->buyers ? f->highest : f->lowest;
        return true;
    case TRD_TIE_REFERENCE:
        if (!at->has_reference) {
            return false;
        }
        if (f->below && f->above) {
            const trd_wide under = (trd_wide)at->reference - f->nearest_below;
            const trd_wide over = (trd_wide)f->nearest_above - at->reference;
            *px = under == over  ? at->reference
                  : under < over ? f->nearest_below
                                 : f->nearest_above;
        } else {
            *px = f->below ? f->nearest_below : f->nearest_above;
        }
        return true;
    case TRD_TIE_MIDDLE:
        *px = trd__px_rounded(listing, trd__div_floor((trd_wide)f->lowest + f->highest, 2), false);
        return true;
    case TRD_TIE_HIGHEST:
        *px = f->highest;
        return true;
    default: /* LOWEST */
        *px = f->lowest;
        return true;
    }
}

static trd_px choose(const search *at, const trd_listing *listing, const trd_profile *profile) {
    const field *f = &at->all;
    trd_px px = 0;
    for (int i = 0; i < TRD_TIES_MAX && profile->ties[i] != TRD_TIE_NONE; i++) {
        if (f->lowest == f->highest) {
            break;
        }
        if (profile->ties[i] == TRD_TIE_IMBALANCE) {
            f = &at->smallest;
        } else if (decide(at, listing, f, profile->ties[i], &px)) {
            return px;
        }
    }
    return f->lowest;
}

/* How far one side has to be walked until it has `volume` lots. */
typedef struct edge {
    bool unbounded; /* its market orders have them already */
    trd_rung rung;  /* where it has them */
    trd_wide lots;  /* there */
} edge;

/* The best rung of a side at which it has `volume`, from the crossing, which is a step away. */
static edge edge_of(
    const trd_match *match, uint32_t instrument, uint32_t s, trd_wide volume, const crossing *at) {
    edge e = {.lots = market_lots(match, instrument, s)};
    e.unbounded = e.lots >= volume;
    if (e.unbounded) {
        e.rung = rung_best(match, instrument, s);
        return e;
    }
    const uint64_t key = trd__key(at->px, s);
    e.lots = at->lots[s];
    if (e.lots < volume) {
        e.rung = rung_worse(match, instrument, s, key);
        for (;; e.rung = rung_worse(match, instrument, s, e.rung.key)) {
            trd_assert(e.rung.is);
            e.lots += e.rung.lots;
            if (e.lots >= volume) {
                return e;
            }
        }
    }
    e.rung = rung_from(match, instrument, s, key);
    trd_assert(e.rung.is);
    while (e.lots - e.rung.lots >= volume) {
        e.lots -= e.rung.lots;
        e.rung = rung_from(match, instrument, s, e.rung.key + 1);
        trd_assert(e.rung.is);
    }
    return e;
}

/* --- the candidates ---------------------------------------------------------------------------
 *
 * They are the prices of the book from floor to cap. From one to the next the surplus falls by the
 * bids at the lower and the offers at the higher of them, so it never rises, and no three have the
 * same one. What tie-breaks ask for follows from few of them: those with the smallest surplus, or
 * with none, are among the two before and the two behind the crossing; the lowest and the highest
 * say whether buyers or sellers are ever left over; and then there are those next to the
 * reference. */
typedef struct range {
    bool has_floor;
    bool has_cap;
    trd_px floor;
    trd_px cap;
} range;

/* The candidates nearest to the crossing: which part of the range has been considered. */
typedef struct vicinity {
    bool any;
    trd_px lowest;
    trd_px highest;
    trd_wide surplus; /* at one of them on either side: where there are two, at the nearer one */
} vicinity;

enum { NEAR_COUNT = 2 };

static bool is_below(const range *in, trd_px px) {
    return in->has_floor && px < in->floor;
}

static bool is_above(const range *in, trd_px px) {
    return in->has_cap && px > in->cap;
}

static trd_wide surplus_of(const crossing *at) {
    return at->lots[0] - at->lots[1];
}

/* Is anybody at px? */
static bool price_is(const trd_match *match, uint32_t instrument, trd_px px) {
    for (uint32_t s = 0; s < 2; s++) {
        const uint64_t key = trd__key(px, s);
        if (trd__ladder_find(&match->store, instrument * 2 + s, key) != 0 ||
            trd__tree_find(&match->store, hidden_tree(match, instrument, s), key) != 0) {
            return true;
        }
    }
    return false;
}

/* The lowest price at which anybody is, or the highest; there is one. */
static trd_px price_end(const trd_match *match, uint32_t instrument, bool highest) {
    const uint32_t falls = highest ? 1 : 0; /* side whose worst price lies that way */
    const trd_rung worst = rung_from(match, instrument, falls, 0);
    const trd_rung best = rung_best(match, instrument, falls ^ 1u);
    if (!worst.is || !best.is) {
        return worst.is ? worst.px : best.px;
    }
    return (worst.px > best.px) == highest ? worst.px : best.px;
}

/* The first few candidates from the crossing on, in one direction; it may be one itself. */
static vicinity consider_near(const trd_match *match, uint32_t instrument, const range *in,
    crossing at, bool above, search *found) {
    vicinity near = {.any = false};
    int left = NEAR_COUNT;
    bool is = !above && price_is(match, instrument, at.px);
    for (;;) {
        if (above ? is_above(in, at.px) : is_below(in, at.px)) {
            return near; /* and so are all that follow */
        }
        if (is) { /* the cap is not below the crossing, nor the floor above the next price */
            trd_assert(!is_above(in, at.px));
            trd_assert(!is_below(in, at.px));
            consider(found, at.px, surplus_of(&at));
            near.surplus = near.any ? near.surplus : surplus_of(&at);
            near.lowest = near.any && above ? near.lowest : at.px;
            near.highest = near.any && !above ? near.highest : at.px;
            near.any = true;
            left--;
        }
        trd_px px;
        if (left == 0 || !price_next(match, instrument, at.px, above, &px)) {
            return near;
        }
        at = crossing_at(match, instrument, px, &at);
        is = true;
    }
}

/* A candidate further away. Its surplus is larger than that of the nearest one on its side; how
 * large it is nobody asks. */
static void consider_far(const vicinity *lower, const vicinity *upper, trd_px px, search *found) {
    if (lower->any && px < lower->lowest) {
        consider(found, px, lower->surplus + 1);
    } else if (upper->any && px > upper->highest) {
        consider(found, px, upper->surplus - 1);
    }
}

/* The candidates next to the reference, if it is one of the range. */
static void consider_reference(const trd_match *match, uint32_t instrument, const range *in,
    const vicinity *lower, const vicinity *upper, search *found) {
    const trd_px px = found->reference;
    if (!found->has_reference || is_below(in, px) || is_above(in, px)) {
        return;
    }
    if (price_is(match, instrument, px)) {
        consider_far(lower, upper, px, found);
        return;
    }
    for (int above = 0; above < 2; above++) {
        trd_px next; /* in the range: somebody is at its ends, if it has any */
        if (price_next(match, instrument, px, above != 0, &next)) {
            trd_assert(!is_below(in, next));
            trd_assert(!is_above(in, next));
            consider_far(lower, upper, next, found);
        }
    }
}

static void consider_few(const trd_match *match, uint32_t instrument, const range *in,
    const crossing *at, search *found) {
    const vicinity lower = consider_near(match, instrument, in, *at, false, found);
    const vicinity upper = consider_near(match, instrument, in, *at, true, found);
    const trd_px lowest = in->has_floor ? in->floor : price_end(match, instrument, false);
    const trd_px highest = in->has_cap ? in->cap : price_end(match, instrument, true);
    consider_far(&lower, &upper, lowest, found);
    consider_far(&lower, &upper, highest, found);
    consider_reference(match, instrument, in, &lower, &upper, found);
}

/* The same without any thought: for the audit. */
static void consider_all(const trd_match *match, uint32_t instrument, const range *in,
    const crossing *at, search *found) {
    trd_px px = in->has_floor ? in->floor : price_end(match, instrument, false);
    crossing c = crossing_at(match, instrument, px, at);
    do {
        c = crossing_at(match, instrument, px, &c);
        consider(found, px, surplus_of(&c));
    } while (price_next(match, instrument, px, true, &px) && !is_above(in, px));
}

/* Every price of a call with limit orders at which the highest volume is reached. */
static range range_of(
    const trd_match *match, uint32_t instrument, const crossing *at, trd_wide volume) {
    const edge buy = edge_of(match, instrument, 0, volume, at);
    const edge sell = edge_of(match, instrument, 1, volume, at);
    return (range){.has_floor = !sell.unbounded,
        .has_cap = !buy.unbounded,
        .floor = sell.rung.px,
        .cap = buy.rung.px};
}

/* The auction as it stands, and where its sides cross: from `cross`, if that is known. */
static void auction_price(
    const trd_match *match, uint32_t instrument, trd_cross *cross, trd_ev_auction *out) {
    const trd_rung best[2] = {rung_best(match, instrument, 0), rung_best(match, instrument, 1)};
    const bool limits = best[0].is || best[1].is;
    search found = {0};
    crossing at = {.lots = {market_lots(match, instrument, 0), market_lots(match, instrument, 1)}};
    trd_wide volume = at.lots[0] < at.lots[1] ? at.lots[0] : at.lots[1];
    *out = (trd_ev_auction){0};
    found.has_reference = trd__price_of(match, instrument, TRD_SOURCE_LAST, &found.reference);
    if (limits) {
        at = cross->is ? (crossing){cross->px, {cross->lots[0], cross->lots[1]}}
                       : crossing_anew(match, instrument, price_begin(&best[0], &best[1]));
        volume = crossing_find(match, instrument, &at);
    }
    *cross = (trd_cross){.is = limits, .px = at.px, .lots = {at.lots[0], at.lots[1]}};
    if (volume == 0 || (!limits && !found.has_reference)) {
        return;
    }
    out->px = found.reference;
    if (limits) {
        const range in = range_of(match, instrument, &at, volume);
        consider_few(match, instrument, &in, &at, &found);
        out->px =
            choose(&found, trd__listing(match, instrument), &trd__desk(match, instrument)->profile);
        at = crossing_at(match, instrument, out->px, &at);
    }
    out->volume = (trd_qty)volume;
    out->imbalance = (trd_qty)(at.lots[0] - at.lots[1]);
    out->priced = 1;
}

/* For the uncross, after which nothing is as it was. */
static void auction_final(trd_match *match, uint32_t instrument, trd_ev_auction *out) {
    trd_cross cross = trd__desk(match, instrument)->cross;
    trd__cross_forget(match, instrument);
    auction_price(match, instrument, &cross, out);
}

void trd__cross_forget(trd_match *match, uint32_t instrument) {
    trd_desk *desk = trd__desk(match, instrument);
    match->crosses -= desk->cross.is != 0;
    desk->cross.is = 0;
}

void trd__cross_move(trd_match *match, const trd_queue *level, trd_qty by) {
    const trd_store *store = &match->store;
    const uint32_t s = level->side_at & 1;
    uint64_t key = level->key;
    uint32_t instrument = level->side_at / 2;
    if (level->side_at == trd__queue(trd__store_arena(store), store->limbo)->side_at) {
        return;
    }
    if (trd__side_is_tree(store, level->side_at)) {
        const uint32_t tree = level->side_at - trd__tree_side(store, 0);
        const uint32_t kind = tree % TRD_TREES - s;
        instrument = tree / TRD_TREES;
        if (kind != TRD_TREE_HIDDEN && kind != TRD_TREE_RESERVE && kind != TRD_TREE_AUCTION) {
            return;
        }
        key = kind == TRD_TREE_AUCTION ? UINT64_MAX : key; /* they trade at any price */
    }
    trd_cross *cross = &trd__desk(match, instrument)->cross;
    if (cross->is && key >= trd__key(cross->px, s)) {
        cross->lots[s] += by;
    }
}

/* The highest V, found without any crossing: the best of each side meet while they cross. */
static trd_wide volume_of(const trd_match *match, uint32_t instrument) {
    trd_rung rung[2] = {rung_best(match, instrument, 0), rung_best(match, instrument, 1)};
    trd_wide left[2] = {market_lots(match, instrument, 0), market_lots(match, instrument, 1)};
    bool market[2] = {true, true};
    trd_wide volume = 0;
    for (;;) {
        for (uint32_t s = 0; s < 2; s++) {
            while (left[s] == 0) {
                if (!market[s]) {
                    rung[s] = rung_worse(match, instrument, s, rung[s].key);
                }
                market[s] = false;
                if (!rung[s].is) {
                    return volume;
                }
                left[s] = rung[s].lots;
            }
        }
        if (!market[0] && !market[1] && rung[0].px < rung[1].px) {
            return volume;
        }
        const trd_wide lots = left[0] < left[1] ? left[0] : left[1];
        volume += lots;
        left[0] -= lots;
        left[1] -= lots;
    }
}

/* The price by a look at every candidate; there are limit orders. */
static trd_px price_by_walk(
    const trd_match *match, uint32_t instrument, const crossing *at, trd_wide volume) {
    search found = {0};
    const range in = range_of(match, instrument, at, volume);
    found.has_reference = trd__price_of(match, instrument, TRD_SOURCE_LAST, &found.reference);
    consider_all(match, instrument, &in, at, &found);
    return choose(&found, trd__listing(match, instrument), &trd__desk(match, instrument)->profile);
}

int trd__cross_audit(const trd_match *match, uint32_t instrument) {
    const trd_desk *desk = trd__desk(match, instrument);
    if (!desk->cross.is) {
        return TRD_OK;
    }
    trd_cross kept = desk->cross;
    trd_cross anew = {0};
    trd_ev_auction now;
    trd_ev_auction again;
    const crossing at = crossing_anew(match, instrument, kept.px);
    trd_audit(trd__state_is_auction(desk->state));
    trd_audit(at.lots[0] == kept.lots[0] && at.lots[1] == kept.lots[1]);
    auction_price(match, instrument, &kept, &now);
    auction_price(match, instrument, &anew, &again);
    trd_audit(memcmp(&now, &again, sizeof(now)) == 0);
    trd_audit(now.volume == volume_of(match, instrument));
    const bool limits = rung_best(match, instrument, 0).is || rung_best(match, instrument, 1).is;
    trd_audit(
        !now.priced || !limits || now.px == price_by_walk(match, instrument, &at, now.volume));
    return TRD_OK;
}

static void emit_auction(
    trd_match *match, trd_out *out, uint32_t instrument, const trd_ev_auction *auction) {
    trd_event *event = trd__emit(match, out, TRD_EVENT_AUCTION, 0, instrument, 0, 0);
    event->u.auction = *auction;
}

void trd__auction_indicate(trd_match *match, trd_out *out, uint32_t instrument) {
    if (instrument >= match->instruments ||
        (trd__publish(match, instrument) & TRD_PUBLISH_AUCTION) == 0 ||
        !trd__state_is_auction(trd__desk(match, instrument)->state)) {
        return;
    }
    trd_desk *desk = trd__desk(match, instrument);
    trd_ev_auction now;
    const bool had = desk->cross.is != 0;
    auction_price(match, instrument, &desk->cross, &now);
    match->crosses += (uint32_t)(desk->cross.is != 0) - (uint32_t)had;
    if (memcmp(&now, &desk->told, sizeof(now)) != 0) {
        desk->told = now;
        emit_auction(match, out, instrument, &now);
    }
}

/* --- the uncross ------------------------------------------------------------------------------ */

enum { UNCROSS_PAIR, UNCROSS_TELL };

/* Begins to execute at the price in work->auction. */
static void uncross_at_price(trd_match *match, uint32_t instrument) {
    trd_work *work = &match->work;
    trd__breaker_forget(match, instrument);
    work->volume = work->auction.volume;
    work->uncross_step = UNCROSS_PAIR;
    work->uncross_short = 0;
    work->stage = TRD_STAGE_UNCROSS;
}

void trd__uncross_begin(trd_match *match, trd_out *out, uint32_t instrument) {
    trd_work *work = &match->work;
    auction_final(match, instrument, &work->auction);
    work->auction.final = 1;
    emit_auction(match, out, instrument, &work->auction);
    if (work->auction.priced) {
        uncross_at_price(match, instrument);
    }
}

/* The volume has executed. Prevention and cuts may have left orders that cross: these are uncrossed
 * in turn, at a price of their own. */
static void uncross_over(trd_match *match, trd_out *out, uint32_t instrument) {
    trd_work *work = &match->work;
    work->stage = TRD_STAGE_SESSION;
    if (!work->uncross_short) {
        return;
    }
    auction_final(match, instrument, &work->auction);
    if (work->auction.priced) {
        work->auction.final = 1;
        emit_auction(match, out, instrument, &work->auction);
        uncross_at_price(match, instrument);
    }
}

/* The order of one side that trades next at px, 0: there is none. */
static uint32_t head_of(const trd_match *match, uint32_t instrument, uint32_t s, trd_px px) {
    const trd_store *store = &match->store;
    char *arena = trd__store_arena(store);
    const uint32_t market =
        trd__tree_best(store, trd__tree_at(match, instrument, TRD_TREE_AUCTION + s));
    if (market != 0) {
        return trd__link(arena, market)->next;
    }
    const uint32_t book = trd__ladder_best(store, instrument * 2 + s);
    const uint32_t hidden = trd__tree_best(store, hidden_tree(match, instrument, s));
    uint32_t level = book != 0 ? book : hidden;
    if (book != 0 && hidden != 0 && trd__queue(arena, hidden)->key > trd__queue(arena, book)->key) {
        level = hidden;
    }
    return level != 0 && trd__queue(arena, level)->key >= trd__key(px, s)
               ? trd__link(arena, level)->next
               : 0;
}

static uint64_t group_of(const trd_match *match, const trd_node *node) {
    const uint32_t number = trd__special_of(node);
    return number != 0 ? trd__special(match, number)->group : 0;
}

/* Two own orders meet: the later one is the taker. */
static void prevent_pair(
    trd_match *match, trd_out *out, uint32_t instrument, uint32_t taker, uint32_t maker) {
    const trd_node *node = trd__order(match, taker);
    const trd_node *other = trd__order(match, maker);
    const trd_qty own = trd__leaves(match, node);
    const trd_qty its = trd__leaves(match, other);
    unsigned mode = trd__stp_of(node);
    if (mode == TRD_STP_CANCEL_TAKER || mode == TRD_STP_REJECT) {
        trd__prevent_maker(match, out, instrument, taker, maker, mode, own);
        trd__end_order(match, out, taker, instrument, TRD_CAUSE_SELF_MATCH, 0);
    } else if (mode == TRD_STP_CANCEL_MAKER) {
        trd__prevent_maker(match, out, instrument, maker, taker, mode, its);
        trd__end_order(match, out, maker, instrument, TRD_CAUSE_SELF_MATCH, 0);
    } else if (mode == TRD_STP_CANCEL_BOTH) {
        const trd_order contra = trd__store_handle(other, maker);
        trd__prevent_maker(match, out, instrument, maker, taker, mode, its);
        trd__end_order(match, out, maker, instrument, TRD_CAUSE_SELF_MATCH, 0);
        trd__prevent_maker(match, out, instrument, taker, maker, mode, own);
        out->events[out->count - 1].u.prevent.contra = contra;
        trd__end_order(match, out, taker, instrument, TRD_CAUSE_SELF_MATCH, 0);
    } else {
        const bool transfers = mode == TRD_STP_TRANSFER && trd__stp_of(other) == TRD_STP_TRANSFER &&
                               node->account != other->account;
        const trd_qty qty = own < its ? own : its;
        mode = transfers ? TRD_STP_TRANSFER : TRD_STP_DECREMENT;
        if (transfers) {
            trd__position_move(match, node->account, instrument, trd__position_of(node), node->side,
                qty, node->side == TRD_BUY ? 0 : 1);
            trd__position_move(match, other->account, instrument, trd__position_of(other),
                other->side, qty, other->side == TRD_BUY ? 0 : 1);
        }
        trd__prevent_maker(match, out, instrument, taker, maker, mode, qty);
        trd__prevent_maker(match, out, instrument, maker, taker, mode, qty);
        if (qty == its) {
            trd__end_order(match, out, maker, instrument, TRD_CAUSE_SELF_MATCH, 0);
        } else {
            trd__shrink_order(match, out, maker, qty);
        }
        if (qty == own) {
            trd__end_order(match, out, taker, instrument, TRD_CAUSE_SELF_MATCH, 0);
        } else {
            trd__shrink_order(match, out, taker, qty);
        }
    }
}

/* What must be told of one order of a pair after its execution. */
static void pair_shrink(
    trd_match *match, uint32_t instrument, uint32_t s, uint32_t unit, trd_qty qty) {
    trd_told *told = &match->work.pair[s];
    const trd_node *node = trd__order(match, unit);
    const bool displayed = trd__is_displayed(match, node);
    *told = (trd_told){.order = trd__store_handle(node, unit)};
    if (displayed) {
        told->key = trd__queue(trd__store_arena(&match->store), node->level)->key;
    }
    const trd_qty changed = trd__shrink_lots(match, unit, qty);
    told->left = node->leaves;
    told->changed = displayed ? changed : 0;
    (void)instrument;
}

static void pair_fill(trd_match *match, trd_out *out, uint32_t instrument, uint32_t unit,
    uint32_t contra, bool ends, trd_px px, trd_qty qty) {
    const trd_node *node = trd__order(match, unit);
    const trd_qty leaves = trd__leaves(match, node);
    trd__emit_fill(match, out, instrument, node->account,
        TRD_DETAIL(node->side, TRD_LIQUIDITY_AUCTION,
            ends ? TRD_STATUS_FILLED : TRD_STATUS_PARTIALLY_FILLED, 0),
        trd__store_handle(node, unit), px, qty, leaves);
    if ((trd__publish(match, instrument) & TRD_PUBLISH_EXEC) != 0) {
        trd__emit_exec_of(match, out, node, node->executed, trd__prevented(match, node),
            trd__order(match, contra), contra);
    }
}

/* One execution of an uncross, without its public events. */
static void pair_execute(
    trd_match *match, trd_out *out, uint32_t instrument, const uint32_t unit[2]) {
    trd_work *work = &match->work;
    const trd_px px = work->auction.px;
    trd_qty qty = work->volume;
    for (int s = 0; s < 2; s++) {
        const trd_qty leaves = trd__leaves(match, trd__order(match, unit[s]));
        qty = leaves < qty ? leaves : qty;
    }
    work->volume -= qty;
    work->pair_qty = qty;
    work->pair_trade = match->seq + 1;
    match->executions++;
    for (uint32_t s = 0; s < 2; s++) {
        pair_shrink(match, instrument, s, unit[s], qty);
        trd__order(match, unit[s])->executed += qty;
    }
    bool ends[2];
    if (match->groups.count != 0) {
        trd__leg_executed(match, trd__order(match, unit[0]), qty, 0);
        trd__leg_executed(match, trd__order(match, unit[1]), qty, 1);
    }
    for (uint32_t s = 0; s < 2; s++) {
        const trd_node *node = trd__order(match, unit[s]);
        ends[s] = trd__leaves(match, node) == 0 && !trd__leg_waits(match, node);
    }
    for (uint32_t s = 0; s < 2; s++) {
        pair_fill(match, out, instrument, unit[s], unit[s ^ 1], ends[s], px, qty);
    }
    trd__breaker_record(match, instrument, px);
    trd__observe(match, instrument, TRD_SOURCE_LAST, px);
    for (uint32_t s = 0; s < 2; s++) {
        const trd_node *node = trd__order(match, unit[s]);
        trd__position_move(
            match, node->account, instrument, trd__position_of(node), node->side, qty, s);
        trd__guard_count(match, node, px, qty, (int)s);
    }
    for (uint32_t s = 0; s < 2; s++) {
        const trd_node *node = trd__order(match, unit[s]);
        if (ends[s]) {
            trd__leave_place(match, NULL, unit[s], instrument);
            trd__free_order(match, unit[s], instrument);
        } else if (trd__leaves(match, node) == 0) {
            trd__leave_place(match, NULL, unit[s], instrument);
            trd__leg_park(match, trd__special_of(node));
        }
    }
}

/* The public events of the execution before. */
static void pair_tell(trd_match *match, trd_out *out, uint32_t instrument) {
    trd_work *work = &match->work;
    const uint32_t publish = trd__publish(match, instrument);
    for (uint32_t s = 0; s < 2; s++) {
        const trd_told *told = &work->pair[s];
        if (told->changed == 0) {
            continue;
        }
        const uint32_t side_at = instrument * 2 + s;
        const uint32_t unit = trd__ladder_find(&match->store, side_at, told->key);
        const trd_queue gone = {.key = told->key, .side_at = side_at};
        const trd_queue *level =
            unit != 0 ? trd__queue(trd__store_arena(&match->store), unit) : &gone;
        if ((publish & TRD_PUBLISH_ORDERS) != 0) {
            trd__publish_order(
                match, out, level, told->order, TRD_ORDER_EXECUTED, told->left, told->changed);
        }
        if ((publish & TRD_PUBLISH_LEVELS) != 0) {
            trd__publish_level(match, out, level);
        }
    }
    if ((publish & TRD_PUBLISH_TAPE) != 0) {
        trd_event *event = trd__emit(match, out, TRD_EVENT_TAPE, 0, instrument, 0, 0);
        event->u.tape =
            (trd_ev_tape){.px = work->auction.px, .qty = work->pair_qty, .trade = work->pair_trade};
    }
}

static void cut_after_pair(trd_match *match) {
    trd_work *work = &match->work;
    if ((work->cut[0] | work->cut[1]) != 0) {
        work->uncross_short = 1;
    }
    trd__after_execution(match, TRD_STAGE_UNCROSS);
}

void trd__uncross_unit(trd_match *match, trd_out *out) {
    trd_work *work = &match->work;
    const uint32_t instrument = work->instrument;
    const trd_px px = work->auction.px;
    if (work->uncross_step == UNCROSS_TELL) {
        pair_tell(match, out, instrument);
        work->uncross_step = UNCROSS_PAIR;
        cut_after_pair(match);
        return;
    }
    const uint32_t unit[2] = {head_of(match, instrument, 0, px), head_of(match, instrument, 1, px)};
    if (work->volume == 0 || unit[0] == 0 || unit[1] == 0) {
        uncross_over(match, out, instrument);
        return;
    }
    const trd_node *buy = trd__order(match, unit[0]);
    const trd_node *sell = trd__order(match, unit[1]);
    const uint32_t later = buy->place > sell->place ? unit[0] : unit[1];
    const uint64_t group = group_of(match, buy);
    const bool own =
        buy->account == sell->account || (group != 0 && group == group_of(match, sell));
    work->cut[0] = 0;
    work->cut[1] = 0;
    work->guard[0] = 0;
    work->guard[1] = 0;
    work->linked[0].group = 0;
    work->linked[1].group = 0;
    if (own && (trd__listing(match, instrument)->spec.profile & TRD_PROFILE_AUCTION_STP) != 0 &&
        trd__stp_of(trd__order(match, later)) != TRD_STP_NONE) {
        work->uncross_short = 1;
        prevent_pair(match, out, instrument, later, later == unit[0] ? unit[1] : unit[0]);
        cut_after_pair(match);
        return;
    }
    pair_execute(match, out, instrument, unit);
    work->uncross_step = UNCROSS_TELL;
}

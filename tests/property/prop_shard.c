/* Random lives of fleets of 1 to 4 shards: orders, money, moves, snapshots, crashes of one node or
 * of all at any round. The test keeps books of its own from the events that each node gives, each
 * once: money is what was paid in, no move is spendable at two shards, each is made once or not at
 * all, and the events of each shard are those of a bare engine that executes its journal. */
#include <xxhash.h>

#include "draw.h"
#include "shard_rig.h"

enum { MOVES = 512, SNAPSHOTS = 64, CLOSED_AT = 7 /* account that is open at shard 0 only */ };

/* A move, as the events tell it. */
typedef struct tracked {
    uint64_t reference;
    trd_shard_move move;
    uint32_t out, in, fin, back; /* how often */
    uint32_t out_refused, in_refused;
    uint8_t told;     /* state of its result; 0: not taken */
    bool may_be_lost; /* all have crashed while nothing of it was acknowledged */
} tracked;

typedef struct odds {
    int64_t order, cancel, pay, all, move, take, snapshot, crash, crash_all, back, work;
    int bits; /* of amounts that move */
} odds;

typedef struct life {
    fleet *f;
    draw d;
    odds o;
    bool is_whole; /* nothing of a journal is ever removed */
    trd_amt total[FLEET_SHARDS_MAX][FLEET_ACCOUNTS_MAX][FLEET_ASSETS];
    trd_amt venue[FLEET_SHARDS_MAX][TRD_VENUE_COUNT][FLEET_ASSETS];
    trd_amt net[FLEET_ASSETS]; /* deposits - withdrawals that are acknowledged */
    tracked moves[MOVES];
    uint32_t count;
    uint64_t hash[FLEET_SHARDS_MAX], slots[FLEET_SHARDS_MAX]; /* of all events */
    uint64_t snapshots[FLEET_SHARDS_MAX][SNAPSHOTS];
    uint32_t snapshot_count[FLEET_SHARDS_MAX];
    uint64_t id; /* of orders, and references */
    bool waits;  /* a record to all waits for room */
} life;

/* What was met in all lives. */
static struct met {
    uint64_t moves, done, refused, returned, lost, crashes, crashes_all, damaged, unfinished, waits,
        missed, looked, executions;
} met;

/* --- books ------------------------------------------------------------------------------------ */

static tracked *find(life *l, uint64_t reference) {
    for (uint32_t i = 0; i < l->count; i++) {
        if (l->moves[i].reference == reference) {
            return &l->moves[i];
        }
    }
    cr_assert(eq(u64, reference, 0), "a move that nobody has asked for");
    return NULL;
}

static void book_move(life *l, uint32_t shard, const trd_event *e) {
    tracked *m = find(l, e->u.ledger.reference);
    const trd_amt amount = e->u.ledger.amount;
    cr_assert(amount == m->move.amount || amount == -m->move.amount);
    cr_assert(e->u.ledger.asset == m->move.asset);
    const bool at_from = shard == m->move.from;
    cr_assert(at_from || shard == m->move.to);
    if (e->account == TRD_ACCOUNT_OUTSIDE) {
        return; /* the other end of IN or FIN */
    }
    if (e->account == FLEET_TRANSIT) {
        cr_assert(at_from);
        m->fin += amount < 0; /* or BACK: what the account gets says so */
        return;
    }
    cr_assert(eq(u32, e->account, m->move.account));
    m->out += at_from && amount < 0;
    m->in += !at_from && amount > 0;
    if (at_from && amount > 0) {
        m->back++;
        m->fin--;
    }
}

static void book(life *l, uint32_t shard, const trd_event *e) {
    const trd_ev_ledger *ledger = &e->u.ledger;
    if (ledger->entry == TRD_LEDGER_LOCK || ledger->entry == TRD_LEDGER_RELEASE) {
        return;
    }
    const bool venue = e->account >= TRD_ACCOUNT_VENUE;
    trd_amt *own = venue ? &l->venue[shard][e->account - TRD_ACCOUNT_VENUE][ledger->asset]
                         : &l->total[shard][e->account][ledger->asset];
    *own += ledger->amount;
    cr_assert(eq(i64, *own, ledger->balance));
    cr_assert(
        venue || *own >= 0, "shard %u, account %u spends what it has not got", shard, e->account);
    if (ledger->entry != TRD_LEDGER_TRANSFER) {
        return;
    }
    if ((ledger->reference & TRD_MOVE_REFERENCE) != 0) {
        book_move(l, shard, e);
    } else if (e->account == TRD_ACCOUNT_OUTSIDE) {
        l->net[ledger->asset] -= ledger->amount;
    }
}

static void take_event(void *user, uint32_t shard, const trd_event *e) {
    life *l = user;
    for (uint32_t i = 0; i < e->slots; i++) {
        l->hash[shard] = XXH3_64bits_withSeed(&e[i], sizeof(e[i]), l->hash[shard]);
    }
    l->slots[shard] += e->slots;
    met.executions += e->kind == TRD_EVENT_TAPE;
    if (e->kind == TRD_EVENT_LEDGER) {
        book(l, shard, e);
    } else if (e->kind == TRD_EVENT_COMMAND_REJECTED && e->liquidity == TRD_COMMAND_TRANSFER &&
               (e->u.order.client_id & TRD_MOVE_REFERENCE) != 0) {
        tracked *m = find(l, e->u.order.client_id);
        m->out_refused += shard == m->move.from;
        m->in_refused += shard == m->move.to;
    }
}

/* How it has ended, by the events: TRD_MOVE_DONE ..., or 0. */
static unsigned end_of(const tracked *m) {
    return m->fin == 1           ? (unsigned)TRD_MOVE_DONE
           : m->back == 1        ? (unsigned)TRD_MOVE_RETURNED
           : m->out_refused == 1 ? (unsigned)TRD_MOVE_REFUSED
                                 : 0;
}

/* What may be true of a move at any time. What one shard has told may be known before what another
 * one has told, if that has crashed before the test could read it: `all` says that none has. */
static void check_move(const tracked *m, bool all) {
    cr_assert(m->out <= 1 && m->in <= 1 && m->fin <= 1 && m->back <= 1);
    cr_assert(m->out_refused <= 1 && m->in_refused <= 1);
    cr_assert(m->in + m->in_refused <= 1 && m->fin + m->back <= 1 && m->in + m->back <= 1);
    cr_assert(m->out + m->out_refused <= 1);
    cr_assert(m->fin + m->back <= m->out);
    if (all) {
        cr_assert(m->in + m->in_refused <= m->out);
        cr_assert(m->fin <= m->in && m->back <= m->in_refused);
    }
}

static bool all_are_up(const life *l) {
    bool up = true;
    for (uint32_t i = 0; i < l->f->shards; i++) {
        up = up && l->f->at[i].node != NULL;
    }
    return up;
}

static trd_amt owned(const life *l, uint32_t asset, bool transit) {
    trd_amt sum = 0;
    for (uint32_t s = 0; s < l->f->shards; s++) {
        for (uint32_t a = 0; a < FLEET_ACCOUNTS_MAX; a++) {
            sum += (a == FLEET_TRANSIT) == transit ? l->total[s][a][asset] : 0;
        }
        for (uint32_t a = 1; a < TRD_VENUE_COUNT && !transit; a++) { /* all but OUTSIDE */
            sum += l->venue[s][a][asset];
        }
    }
    return sum;
}

/* At every moment that is acknowledged: what is spendable, and what is in transit. */
static void check_money(const life *l) {
    const bool all = all_are_up(l);
    for (uint32_t asset = 0; asset < FLEET_ASSETS; asset++) {
        trd_amt spendable = l->net[asset], transit = 0;
        for (uint32_t i = 0; i < l->count; i++) {
            const tracked *m = &l->moves[i];
            if (m->move.asset == asset) {
                spendable += m->move.amount * ((int64_t)m->in + m->back - m->out);
                transit += m->move.amount * ((int64_t)m->out - m->fin - m->back);
            }
        }
        cr_assert(eq(i64, owned(l, asset, false), spendable));
        cr_assert(eq(i64, owned(l, asset, true), transit));
        cr_assert(spendable <= l->net[asset] || all == false);
    }
    for (uint32_t i = 0; i < l->count; i++) {
        check_move(&l->moves[i], all);
    }
}

/* --- what is done ----------------------------------------------------------------------------- */

static void try_send(life *l, const trd_command *c) {
    if (l->waits) {
        cr_assert(eq(int, trd_shards_send(l->f->router, c), TRD_E_BUSY));
        return;
    }
    const int result = trd_shards_send(l->f->router, c);
    cr_assert(result == TRD_OK || result == TRD_MORE || result == TRD_E_FULL || result == TRD_E_IO);
    l->waits = result == TRD_MORE;
    met.waits += l->waits;
    met.missed += result == TRD_E_IO;
}

static void go_on_sending(life *l) {
    if (l->waits) {
        l->waits = trd_shards_send(l->f->router, NULL) == TRD_MORE;
    }
}

static uint32_t some_account(life *l) {
    return 1 + (uint32_t)draw_below(&l->d, CLOSED_AT);
}

static void do_order(life *l) {
    const uint32_t instrument = (uint32_t)draw_below(&l->d, FLEET_INSTRUMENTS);
    const trd_command c = fleet_order(some_account(l), instrument, ++l->id,
        (unsigned)draw_in(&l->d, 1, 2), draw_in(&l->d, 1, 9), draw_in(&l->d, 95, 105));
    try_send(l, &c);
}

static void do_cancel(life *l) {
    const trd_command c = {.kind = TRD_COMMAND_CANCEL,
        .slots = 1,
        .account = some_account(l),
        .instrument = (uint32_t)draw_below(&l->d, FLEET_INSTRUMENTS),
        .u.cancel.target = l->id - draw_below(&l->d, l->id + 1)};
    try_send(l, &c);
}

static void do_pay(life *l) {
    trd_command c = fleet_deposit(
        some_account(l), (uint32_t)draw_below(&l->d, FLEET_ASSETS), draw_size(&l->d, 16));
    c.u.transfer.reference = ++l->id;
    if (draw_chance(&l->d, 30)) {
        c.u.transfer.action = TRD_TRANSFER_WITHDRAW;
    }
    if (draw_chance(&l->d, 50) || l->waits) {
        try_send(l, &c);
        return;
    }
    const int result =
        trd_shards_send_to(l->f->router, (uint32_t)draw_below(&l->d, l->f->shards), &c);
    cr_assert(result == TRD_OK || result == TRD_E_FULL || result == TRD_E_IO);
}

/* Something to all shards. */
static void do_all(life *l) {
    trd_command c = {.kind = TRD_COMMAND_TIMER, .slots = 1};
    switch (draw_below(&l->d, 4)) {
    case 0:
        c.kind = TRD_COMMAND_MASS_CANCEL;
        c.account = some_account(l);
        c.u.mass.filter = TRD_MASS_ACCOUNT;
        break;
    case 1:
        c.kind = TRD_COMMAND_KILL;
        c.account = some_account(l);
        c.u.kill = (trd_kill){.scope = TRD_SCOPE_ACCOUNT,
            .action = (uint8_t)(draw_chance(&l->d, 30) ? TRD_KILL_ON : TRD_KILL_OFF)};
        break;
    case 2:
        c.kind = TRD_COMMAND_BOOKS;
        c.u.books = (trd_books_body){.action = TRD_BOOKS_DAY};
        break;
    default:
        break;
    }
    try_send(l, &c);
}

static void do_move(life *l) {
    trd_shard_move move = {.account = some_account(l),
        .asset = draw_chance(&l->d, 60) ? FLEET_USD : (uint32_t)draw_below(&l->d, FLEET_ASSETS),
        .from = (uint32_t)draw_below(&l->d, l->f->shards),
        .to = (uint32_t)draw_below(&l->d, l->f->shards),
        .amount = draw_size(&l->d, l->o.bits)};
    tracked *m = &l->moves[l->count];
    if (l->count == MOVES || l->f->shards == 1 || move.from == move.to) {
        return;
    }
    const int result = trd_shards_move(l->f->router, &move, &m->reference);
    if (result == TRD_OK) {
        cr_assert(l->count == 0 || m->reference > l->moves[l->count - 1].reference);
        m->move = move;
        l->count++;
        met.moves++;
    } else {
        cr_assert(eq(int, result, TRD_E_FULL));
    }
}

static void do_take(life *l) {
    trd_shard_result out;
    while (trd_shards_result(l->f->router, &out) == 1) {
        tracked *m = find(l, out.reference);
        cr_assert(eq(u8, m->told, 0), "told twice");
        cr_assert(memcmp(&out.move, &m->move, sizeof(out.move)) == 0);
        m->told = out.state;
        const bool refused = out.state != TRD_MOVE_DONE;
        cr_assert(eq(int, out.reason != 0, refused));
        cr_assert(out.state >= TRD_MOVE_DONE && out.state <= TRD_MOVE_RETURNED);
        met.done += out.state == TRD_MOVE_DONE;
        met.refused += out.state == TRD_MOVE_REFUSED;
        met.returned += out.state == TRD_MOVE_RETURNED;
        if (draw_chance(&l->d, 30)) {
            break;
        }
    }
}

static void do_snapshot(life *l, uint32_t shard) {
    trd_node_status status;
    uint32_t *count = &l->snapshot_count[shard];
    if (l->f->at[shard].node == NULL || *count == SNAPSHOTS) {
        return;
    }
    const int result = trd_node_snapshot(l->f->at[shard].node, &status);
    cr_assert(result == TRD_OK || result == TRD_E_BUSY);
    const bool is_new = *count == 0 || l->snapshots[shard][*count - 1] != status.snapshot;
    if (result == TRD_OK && is_new) {
        l->snapshots[shard][(*count)++] = status.snapshot;
    }
}

/* --- crashes ---------------------------------------------------------------------------------- */

/* Damages the newest snapshot, if there is another one that stands in for it, or repairs it. */
static bool damage(const life *l, uint32_t shard) {
    char name[40];
    uint64_t size;
    const uint32_t count = l->snapshot_count[shard];
    if (count < 2) {
        return false;
    }
    snprintf(name, sizeof(name), "%020lu.snapshot", l->snapshots[shard][count - 2]);
    if (disk_file(l->f->at[shard].d, name, &size) == NULL) {
        return false;
    }
    snprintf(name, sizeof(name), "%020lu.snapshot", l->snapshots[shard][count - 1]);
    if (disk_file(l->f->at[shard].d, name, &size) == NULL) {
        return false;
    }
    disk_damage(l->f->at[shard].d, name, 5000, 1);
    return true;
}

static void reopen(life *l, uint32_t shard, uint64_t confirmed) {
    fleet_shard *s = &l->f->at[shard];
    s->subs[1].last = draw_chance(&l->d, 50) ? confirmed : 0;
    const bool damaged = draw_chance(&l->d, 40) && damage(l, shard);
    fleet_open_node(l->f, shard);
    met.damaged += s->status.damaged;
    if (damaged) {
        (void)damage(l, shard);
    }
}

static void come_back(life *l, uint32_t shard) {
    trd_shard_stats stats;
    cr_assert(eq(int, trd_shards_stats(l->f->router, shard, &stats), TRD_OK));
    reopen(l, shard, stats.confirmed);
    cr_assert(eq(int, trd_shards_join(l->f->router, shard, l->f->at[shard].node, 1), TRD_OK));
}

static void do_crash(life *l) {
    const uint32_t shard = (uint32_t)draw_below(&l->d, l->f->shards);
    if (l->f->at[shard].node == NULL) {
        return;
    }
    fleet_crash(l->f, shard, draw_chance(&l->d, 60));
    cr_assert(eq(int, trd_shards_leave(l->f->router, shard), TRD_OK));
    met.crashes++;
}

/* What had ended, and was not taken, is found again, before anything else is done. */
static void check_looks(life *l) {
    for (uint32_t i = 0; i < l->count; i++) {
        tracked *m = &l->moves[i];
        trd_shard_result out;
        const int result = trd_shards_look(l->f->router, m->reference, &out);
        if (m->told == 0 && end_of(m) != 0) {
            cr_assert(eq(int, result, TRD_OK));
            cr_assert(eq(u32, out.state, end_of(m)));
            m->told = out.state; /* as good as taken: it may be forgotten from now on */
            met.looked++;
        } else if (m->told != 0 && result == TRD_OK) {
            cr_assert(eq(u8, out.state, m->told));
        }
        if (result != TRD_OK && m->told == 0) {
            cr_assert(eq(u32, m->out + m->out_refused, 0), "it has left, and nobody knows");
            m->may_be_lost = true;
        }
    }
}

static void do_crash_all(life *l) {
    uint64_t confirmed[FLEET_SHARDS_MAX];
    const bool power = draw_chance(&l->d, 60);
    for (uint32_t i = 0; i < l->f->shards; i++) {
        trd_shard_stats stats;
        cr_assert(eq(int, trd_shards_stats(l->f->router, i, &stats), TRD_OK));
        confirmed[i] = stats.confirmed;
    }
    trd_shards_close(l->f->router);
    l->f->router = NULL;
    for (uint32_t i = 0; i < l->f->shards; i++) {
        if (l->f->at[i].node != NULL) {
            fleet_crash(l->f, i, power);
        }
        reopen(l, i, confirmed[i]);
    }
    l->f->def.first += MOVES; /* as a clock would */
    fleet_open_router(l->f);
    l->waits = false;
    met.crashes_all++;
    met.unfinished += l->f->status.unfinished;
    /* All that the nodes give again the router knows at once; the test has to read it. */
    for (uint32_t i = 0; i < l->f->shards; i++) {
        for (int round = 0; round < 4; round++) {
            cr_assert(trd_node_work(l->f->at[i].node) >= 0);
            fleet_read(l->f, i);
        }
    }
    check_money(l);
    check_looks(l);
}

/* --- lives ------------------------------------------------------------------------------------ */

static void step(life *l) {
    const odds *o = &l->o;
    if (draw_chance(&l->d, o->order)) {
        do_order(l);
    }
    if (draw_chance(&l->d, o->cancel)) {
        do_cancel(l);
    }
    if (draw_chance(&l->d, o->pay)) {
        do_pay(l);
    }
    if (draw_chance(&l->d, o->all)) {
        do_all(l);
    }
    if (draw_chance(&l->d, o->move)) {
        do_move(l);
    }
    if (draw_chance(&l->d, o->take)) {
        do_take(l);
    }
    if (draw_chance(&l->d, o->snapshot)) {
        do_snapshot(l, (uint32_t)draw_below(&l->d, l->f->shards));
    }
    go_on_sending(l);
    for (int64_t i = draw_in(&l->d, 0, o->work); i > 0; i--) {
        fleet_work(l->f);
        check_money(l);
    }
    for (uint32_t i = 0; i < l->f->shards; i++) {
        if (l->f->at[i].node == NULL && draw_chance(&l->d, o->back)) {
            come_back(l, i);
        }
    }
    if (draw_in(&l->d, 0, 999) < o->crash) {
        do_crash(l);
    }
    if (draw_in(&l->d, 0, 999) < o->crash_all) {
        do_crash_all(l);
    }
}

/* Account 7 is open at shard 0 only: what goes to another one comes back. */
static void open_accounts(fleet *f) {
    for (uint32_t i = 1; i <= FLEET_TRANSIT; i++) {
        const trd_command c = fleet_account(i);
        for (uint32_t shard = 0; shard < (i == CLOSED_AT ? 1 : f->shards); shard++) {
            while (trd_shards_send_to(f->router, shard, &c) != TRD_OK) {
                fleet_work(f);
            }
        }
    }
    fleet_rest(f);
}

static life *life_new(uint64_t seed) {
    life *l = calloc(1, sizeof(*l));
    l->d = trd__rng_seeded(seed);
    l->f = fleet_new((uint32_t)draw_in(&l->d, 1, 4));
    l->o = (odds){.order = draw_in(&l->d, 0, 90),
        .cancel = draw_in(&l->d, 0, 30),
        .pay = draw_in(&l->d, 0, 60),
        .all = draw_in(&l->d, 0, 30),
        .move = draw_in(&l->d, 0, 60),
        .take = draw_in(&l->d, 1, 60),
        .snapshot = draw_in(&l->d, 0, 10),
        .crash = draw_in(&l->d, 0, 40),
        .crash_all = draw_in(&l->d, 0, 20),
        .back = draw_in(&l->d, 5, 60),
        .work = draw_in(&l->d, 1, 4)};
    l->o.bits = (int)draw_in(&l->d, 4, 20);
    l->is_whole = draw_chance(&l->d, 50);
    l->f->def.moves_max = (uint32_t)draw_in(&l->d, 1, 12);
    l->f->def.router = (uint32_t)draw_below(&l->d, TRD_SHARD_ROUTERS);
    for (uint32_t i = 0; i < l->f->shards; i++) {
        fleet_shard *s = &l->f->at[i];
        disk_free(s->d);
        s->d = disk_new(seed * 8 + i);
        s->ops = disk_ops(s->d, draw_chance(&l->d, 70));
        s->def.keep = l->is_whole ? 1000 : (uint32_t)draw_in(&l->d, 1, 3);
        s->def.ingress = UINT32_C(1) << draw_in(&l->d, 1, 6);
        l->snapshot_count[i] = 1; /* behind nothing */
    }
    l->f->told = take_event;
    l->f->user = l;
    return l;
}

/* --- the end ---------------------------------------------------------------------------------- */

/* Executes the journal of a shard that is closed on a bare engine: its events have the hash of
 * those that were given. */
static void check_journal(life *l, uint32_t shard) {
    static trd_event events[4096];
    fleet_shard *s = &l->f->at[shard];
    const fleet_making making = fleet_making_of(shard, l->f->shards);
    trd_engine *engine = fleet_engine(&making);
    trd_journal_reading def = trd_journal_reading_default();
    trd_journal_status status;
    trd_journal_reader *reader;
    const trd_journal_frame *frame;
    def.directory = "/";
    def.ops = &s->ops;
    cr_assert(eq(int, trd_journal_reader_open(&def, &status, &reader), TRD_OK));
    while (trd_journal_reader_next(reader, &frame) == 1) {
        const trd_command *at = (const void *)(frame + 1);
        for (uint64_t i = 0; i < frame->count; i++) {
            trd_out out = {.events = events, .capacity = 4096};
            cr_assert(eq(int, trd_engine_step(engine, at, &out), TRD_OK));
            at += at->slots;
        }
    }
    trd_journal_reader_close(reader);
    trd_event_trail trail;
    cr_assert(eq(int, trd_engine_trail(engine, &trail), TRD_OK));
    cr_assert(eq(u64, trail.slots, l->slots[shard]));
    cr_assert(eq(u64, trail.hash, l->hash[shard]));
    trd_engine_destroy(engine);
}

static void check_end(life *l) {
    for (uint32_t i = 0; i < l->count; i++) {
        const tracked *m = &l->moves[i];
        const unsigned end = end_of(m);
        cr_assert(end != 0 || m->may_be_lost, "it was begun, and has no end");
        cr_assert(end != 0 || m->out == 0);
        cr_assert(m->told == 0 || m->told == end, "told %u, and it is %u", m->told, end);
        met.lost += end == 0;
    }
    for (uint32_t asset = 0; asset < FLEET_ASSETS; asset++) {
        trd_shard_sum sum;
        cr_assert(eq(int, trd_shards_sum(l->f->router, asset, &sum), TRD_OK));
        cr_assert(eq(i64, sum.owned, l->net[asset]));
        cr_assert(eq(i64, sum.transit, 0));
        cr_assert(eq(i64, sum.arrived, 0));
        for (uint32_t a = 1; a <= FLEET_TRANSIT; a++) {
            trd_balance balance;
            trd_amt transit, own = 0;
            cr_assert(
                eq(int, trd_shards_balance(l->f->router, a, asset, &balance, &transit), TRD_OK));
            for (uint32_t s = 0; s < l->f->shards; s++) {
                own += l->total[s][a][asset];
            }
            cr_assert(eq(i64, balance.free + balance.locked, own));
            cr_assert(eq(i64, transit, 0));
        }
    }
}

/* All nodes come back, everything is worked off, and nothing is left. */
static void finish(life *l) {
    for (uint32_t i = 0; i < l->f->shards; i++) {
        if (l->f->at[i].node == NULL) {
            come_back(l, i);
        }
    }
    for (int round = 0; l->waits; round++) {
        cr_assert(round < 1000);
        fleet_work(l->f);
        go_on_sending(l);
    }
    fleet_rest(l->f);
    check_money(l);
    const uint32_t taken_before = l->count;
    for (uint32_t i = 0; i <= taken_before; i++) {
        do_take(l);
    }
    fleet_rest(l->f);
    check_end(l);
    for (uint32_t i = 0; i < l->f->shards; i++) {
        fleet_shard *s = &l->f->at[i];
        trd_shard_stats stats;
        cr_assert(eq(int, trd_shards_stats(l->f->router, i, &stats), TRD_OK));
        cr_assert(eq(u32, stats.waiting, 0));
        cr_assert(eq(u64, stats.confirmed, stats.seen));
        cr_assert(eq(int, trd_engine_audit(trd_node_engine(s->node)), TRD_OK));
    }
    trd_shards_close(l->f->router);
    l->f->router = NULL;
    for (uint32_t i = 0; i < l->f->shards; i++) {
        cr_assert(eq(int, trd_node_close(l->f->at[i].node), TRD_OK));
        l->f->at[i].node = NULL;
        if (l->is_whole) {
            check_journal(l, i);
        }
    }
}

/* Everybody has something of everything, everywhere. */
static void pay_all(life *l) {
    for (uint32_t i = 0; i < CLOSED_AT * FLEET_ASSETS * l->f->shards; i++) {
        const trd_command c = fleet_deposit(
            1 + i % CLOSED_AT, i / CLOSED_AT % FLEET_ASSETS, draw_in(&l->d, 1000, 99999));
        while (trd_shards_send_to(l->f->router, i % l->f->shards, &c) != TRD_OK) {
            fleet_work(l->f);
        }
    }
    fleet_rest(l->f);
}

static void live(uint64_t seed) {
    life *l = life_new(seed);
    fleet_open(l->f);
    open_accounts(l->f);
    pay_all(l);
    const int64_t steps = draw_in(&l->d, 50, 400);
    for (int64_t i = 0; i < steps; i++) {
        step(l);
    }
    finish(l);
    fleet_free(l->f);
    free(l);
}

/* --- one engine, or several ------------------------------------------------------------------- */

enum { ORDERS = 400 };

/* What the market of an instrument tells, without what is a shard's own: seq, time, handles. */
typedef struct tale {
    fleet *f;
    uint64_t hash[FLEET_INSTRUMENTS];
    uint64_t count[FLEET_INSTRUMENTS];
    uint64_t fills;
} tale;

static void hear(void *user, uint32_t shard, const trd_event *e) {
    tale *t = user;
    trd_event own[TRD_SLOTS_MAX];
    const uint64_t market = UINT64_C(1) << TRD_EVENT_ACCEPTED | UINT64_C(1) << TRD_EVENT_REJECTED |
                            UINT64_C(1) << TRD_EVENT_FILL | UINT64_C(1) << TRD_EVENT_CANCELED |
                            UINT64_C(1) << TRD_EVENT_CANCEL_REJECTED |
                            UINT64_C(1) << TRD_EVENT_LEVEL | UINT64_C(1) << TRD_EVENT_TAPE |
                            UINT64_C(1) << TRD_EVENT_POSITION;
    if ((market >> e->kind & 1) == 0) {
        return;
    }
    cr_assert(eq(int, trd_shards_event(t->f->router, shard, e, own), TRD_OK));
    const uint32_t instrument = own[0].instrument;
    own[0].seq = 0;
    own[0].time = 0;
    switch (e->kind) {
    case TRD_EVENT_FILL:
        own[0].u.fill.order = 0;
        t->fills++;
        break;
    case TRD_EVENT_CANCELED:
        own[0].u.cancel.order = 0;
        break;
    case TRD_EVENT_TAPE:
        own[0].u.tape.trade = 0;
        break;
    case TRD_EVENT_LEVEL:
    case TRD_EVENT_POSITION:
        break;
    default:
        own[0].u.order.order = 0;
        break;
    }
    t->hash[instrument] = XXH3_64bits_withSeed(own, sizeof(own[0]), t->hash[instrument]);
    t->count[instrument]++;
}

/* The same commands to a fleet of so many; everybody has plenty of everything everywhere. */
static tale tell(uint64_t seed, uint32_t shards) {
    tale t = {0};
    draw d = trd__rng_seeded(seed);
    fleet *f = t.f = fleet_new(shards);
    f->told = hear;
    f->user = &t;
    fleet_open(f);
    fleet_accounts(f);
    for (uint32_t shard = 0; shard < shards; shard++) {
        for (uint32_t i = 0; i < 5 * FLEET_ASSETS; i++) {
            const trd_command c =
                fleet_deposit(1 + i % 5, i / 5, INT64_C(1000000000000)); /* 10^12 */
            while (trd_shards_send_to(f->router, shard, &c) != TRD_OK) {
                fleet_work(f);
            }
        }
    }
    uint32_t at[ORDERS + 1] = {0};
    for (uint64_t id = 1; id <= ORDERS; id++) {
        const uint32_t instrument = (uint32_t)draw_below(&d, FLEET_INSTRUMENTS);
        at[id] = instrument;
        trd_command c = fleet_order(1 + (uint32_t)draw_below(&d, 5), instrument, id,
            (unsigned)draw_in(&d, 1, 2), draw_in(&d, 1, 9), draw_in(&d, 95, 105));
        if (draw_chance(&d, 20)) {
            c.kind = TRD_COMMAND_CANCEL;
            /* One of its own: that of another instrument is UNKNOWN_ORDER at another shard, and
             * ORDER_MISMATCH at the same one. */
            const uint64_t target = id - draw_below(&d, id < 30 ? id : 30);
            c.instrument = at[target];
            c.u.cancel = (trd_cancel){.target = target};
        } else if (draw_chance(&d, 3)) { /* of one account, or of all: at every shard */
            c.kind = TRD_COMMAND_MASS_CANCEL;
            c.u.mass = (trd_mass_cancel){.filter = (uint8_t)draw_in(&d, 0, 1)};
        }
        fleet_send(f, &c);
        if (draw_chance(&d, 30)) {
            fleet_work(f);
        }
    }
    fleet_rest(f);
    fleet_free(f);
    t.f = NULL;
    return t;
}

Test(shard, an_instrument_does_not_know_how_many_shards_there_are) {
    const uint64_t seed = draw_seed(5);
    for (uint64_t run = 0; run < 10; run++) {
        const tale one = tell(seed + run, 1);
        cr_assert(one.fills > 20);
        for (uint32_t shards = 2; shards <= 4; shards++) {
            const tale several = tell(seed + run, shards);
            for (uint32_t i = 0; i < FLEET_INSTRUMENTS; i++) {
                cr_assert(one.count[i] > 20);
                cr_assert(eq(u64, several.count[i], one.count[i]), "instrument %u", i);
                cr_assert(eq(u64, several.hash[i], one.hash[i]), "instrument %u", i);
            }
        }
    }
}

/* --- many lives ------------------------------------------------------------------------------- */

enum { LIVES = 60 };

Test(shard, money_moves_once_or_not_at_all_whatever_crashes) {
    const uint64_t seed = draw_seed(21);
    for (uint64_t i = 0; i < LIVES; i++) {
        fprintf(stderr, i == 0 ? "# lives from %lu" : ".", seed * 1000 + i);
        live(seed * 1000 + i);
    }
    fprintf(stderr,
        "\n# %lu moves: %lu done, %lu refused, %lu returned, %lu lost before they began; %lu "
        "crashes, %lu of all, %lu unfinished, %lu damaged; %lu waits, %lu missed, %lu looks; %lu "
        "executions\n",
        met.moves, met.done, met.refused, met.returned, met.lost, met.crashes, met.crashes_all,
        met.unfinished, met.damaged, met.waits, met.missed, met.looked, met.executions);
    cr_assert(met.done > 100 && met.refused > 30 && met.returned > 5 && met.lost > 5);
    cr_assert(met.crashes > 50 && met.crashes_all > 50 && met.unfinished > 30);
    cr_assert(met.damaged > 5 && met.waits > 10 && met.missed > 10 && met.looked > 5);
    cr_assert(met.executions > 500);
}

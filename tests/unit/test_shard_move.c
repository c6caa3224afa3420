/* Moves: what each outcome does to the money, step by step, and that each happens once whatever
 * crashes in between. */
#include "shard_rig.h"

enum { ANN = 1, BEN = 2 };

/* Two shards; Ann has 1,000 dollars at shard 0 and 50 at shard 1. */
static fleet *fleet_of_ann(void) {
    fleet *f = fleet_new(2);
    fleet_open(f);
    fleet_accounts(f);
    fleet_pay_in(f, 0, ANN, FLEET_USD, 1000);
    fleet_pay_in(f, 1, ANN, FLEET_USD, 50);
    return f;
}

static trd_amt has(const fleet *f, uint32_t shard, uint32_t account) {
    return fleet_balance(f, shard, account, FLEET_USD).free;
}

static void holds(const fleet *f, trd_amt at_0, trd_amt in_transit, trd_amt at_1) {
    cr_assert(eq(i64, has(f, 0, ANN), at_0));
    cr_assert(eq(i64, has(f, 0, FLEET_TRANSIT), in_transit));
    cr_assert(eq(i64, has(f, 1, ANN), at_1));
    cr_assert(eq(i64, has(f, 1, FLEET_TRANSIT), 0));
}

static uint64_t move_of(fleet *f, uint32_t from, uint32_t to, trd_amt amount) {
    uint64_t reference = 0;
    const trd_shard_move move = {
        .account = ANN, .asset = FLEET_USD, .from = from, .to = to, .amount = amount};
    cr_assert(eq(int, trd_shards_move(f->router, &move, &reference), TRD_OK));
    return reference;
}

static trd_shard_result look(const fleet *f, uint64_t reference) {
    trd_shard_result out;
    cr_assert(eq(int, trd_shards_look(f->router, reference, &out), TRD_OK));
    cr_assert(eq(u64, out.reference, reference));
    return out;
}

static trd_shard_sum sum_of(const fleet *f) {
    trd_shard_sum sum;
    cr_assert(eq(int, trd_shards_sum(f->router, FLEET_USD, &sum), TRD_OK));
    return sum;
}

/* The next result, which is that of the move. */
static trd_shard_result result_of(fleet *f, uint64_t reference) {
    trd_shard_result out;
    cr_assert(eq(int, trd_shards_result(f->router, &out), 1));
    cr_assert(eq(u64, out.reference, reference));
    return out;
}

static void no_result(fleet *f) {
    trd_shard_result out;
    cr_assert(eq(int, trd_shards_result(f->router, &out), 0));
}

/* --- outcomes --------------------------------------------------------------------------------- */

/* The LEDGER and refusals of transfers with that reference, as the test's subscriptions tell them.
 */
typedef struct story {
    uint64_t reference;
    uint32_t count;
    struct told {
        uint32_t shard, account;
        trd_amt amount; /* 0: a refusal */
    } told[16];
} story;

static void remember(void *user, uint32_t shard, const trd_event *e) {
    story *s = user;
    const bool is_ledger = e->kind == TRD_EVENT_LEDGER;
    const uint64_t reference = is_ledger                               ? e->u.ledger.reference
                               : e->kind == TRD_EVENT_COMMAND_REJECTED ? e->u.order.client_id
                                                                       : 0;
    if (reference == s->reference && reference != 0) {
        cr_assert(s->count < 16);
        s->told[s->count++] = (struct told){
            .shard = shard, .account = e->account, .amount = is_ledger ? e->u.ledger.amount : 0};
    }
}

static void tells(const story *s, const struct told *wanted, uint32_t count) {
    cr_assert(eq(u32, s->count, count));
    for (uint32_t i = 0; i < count; i++) {
        cr_assert(eq(u32, s->told[i].shard, wanted[i].shard), "%u", i);
        cr_assert(eq(u32, s->told[i].account, wanted[i].account), "%u", i);
        cr_assert(eq(i64, s->told[i].amount, wanted[i].amount), "%u", i);
    }
}

Test(shard_move, money_goes_out_in_and_fin_each_behind_the_one_before) {
    story s = {0};
    fleet *f = fleet_of_ann();
    f->told = remember;
    f->user = &s;
    const uint64_t reference = s.reference = move_of(f, 0, 1, 300);
    const trd_shard_result begun = look(f, reference);
    const trd_shard_move *move = &begun.move;
    cr_assert(eq(u32, move->account, ANN));
    cr_assert(eq(u32, move->from, 0));
    cr_assert(eq(u32, move->to, 1));
    cr_assert(eq(i64, move->amount, 300));
    cr_assert(eq(u8, look(f, reference).state, TRD_MOVE_OUT));
    holds(f, 1000, 0, 50);
    fleet_rest(f);
    holds(f, 700, 0, 350);
    static const struct told wanted[] = {{0, ANN, -300}, {0, FLEET_TRANSIT, 300}, /* OUT */
        {1, TRD_ACCOUNT_OUTSIDE, -300}, {1, ANN, 300},                            /* IN */
        {0, FLEET_TRANSIT, -300}, {0, TRD_ACCOUNT_OUTSIDE, 300}};                 /* FIN */
    tells(&s, wanted, 6);
    const trd_shard_result result = result_of(f, reference);
    cr_assert(eq(u8, result.state, TRD_MOVE_DONE));
    cr_assert(eq(u8, result.reason, 0));
    no_result(f);
    trd_shard_result out;
    cr_assert(eq(int, trd_shards_look(f->router, reference, &out), TRD_E_UNKNOWN));
    cr_assert(eq(i64, sum_of(f).owned, 1050));
    fleet_free(f);
}

Test(shard_move, what_is_not_there_is_not_moved) {
    story s = {0};
    fleet *f = fleet_of_ann();
    f->told = remember;
    f->user = &s;
    const uint64_t reference = s.reference = move_of(f, 0, 1, 1001);
    fleet_rest(f);
    holds(f, 1000, 0, 50);
    static const struct told wanted[] = {{0, ANN, 0}};
    tells(&s, wanted, 1);
    const trd_shard_result result = result_of(f, reference);
    cr_assert(eq(u8, result.state, TRD_MOVE_REFUSED));
    cr_assert(eq(u8, result.reason, TRD_REJECT_BALANCE));
    fleet_free(f);
}

/* Ben has an account at shard 0 only. */
static fleet *fleet_of_ben(void) {
    fleet *f = fleet_new(2);
    fleet_open(f);
    for (uint32_t i = 0; i < 3; i++) {
        const trd_command c = fleet_account(i == 2 ? FLEET_TRANSIT : ANN + i);
        for (uint32_t shard = 0; shard < (i == 1 ? 1 : 2); shard++) {
            cr_assert(eq(int, trd_shards_send_to(f->router, shard, &c), TRD_OK));
        }
    }
    fleet_pay_in(f, 0, BEN, FLEET_USD, 1000);
    return f;
}

static uint64_t move_of_ben(fleet *f, trd_amt amount) {
    uint64_t reference;
    const trd_shard_move move = {.account = BEN, .from = 0, .to = 1, .amount = amount};
    cr_assert(eq(int, trd_shards_move(f->router, &move, &reference), TRD_OK));
    return reference;
}

Test(shard_move, what_is_not_taken_comes_back) {
    story s = {0};
    fleet *f = fleet_of_ben();
    f->told = remember;
    f->user = &s;
    const uint64_t reference = s.reference = move_of_ben(f, 300);
    fleet_rest(f);
    static const struct told wanted[] = {{0, BEN, -300}, {0, FLEET_TRANSIT, 300}, /* OUT */
        {1, BEN, 0},                                                              /* IN refused */
        {0, FLEET_TRANSIT, -300}, {0, BEN, 300}};                                 /* BACK */
    tells(&s, wanted, 5);
    cr_assert(eq(i64, has(f, 0, BEN), 1000));
    cr_assert(eq(i64, has(f, 0, FLEET_TRANSIT), 0));
    const trd_shard_result result = result_of(f, reference);
    cr_assert(eq(u8, result.state, TRD_MOVE_RETURNED));
    cr_assert(eq(u8, result.reason, TRD_REJECT_UNKNOWN_ACCOUNT));
    cr_assert(eq(i64, sum_of(f).owned, 1000));
    fleet_free(f);
}

/* Works until a move is at that step, and its command is not executed yet. */
static void work_to(fleet *f, uint64_t reference, unsigned state) {
    for (int round = 0; look(f, reference).state != state; round++) {
        cr_assert(round < 200);
        fleet_work(f);
    }
}

/* While 300 are on their way back Ben gets so much that an account may have no more. */
Test(shard_move, what_may_neither_stay_nor_go_back_is_held_until_it_may) {
    fleet *f = fleet_of_ben();
    const uint64_t reference = move_of_ben(f, 300);
    work_to(f, reference, TRD_MOVE_IN);
    const trd_amt much = TRD_AMT_LIMIT - 1 - 700;
    const trd_command c = fleet_deposit(BEN, FLEET_USD, much);
    cr_assert(eq(int, trd_shards_send_to(f->router, 0, &c), TRD_OK));
    fleet_rest(f);
    cr_assert(eq(int, trd_shards_again(f->router, reference), TRD_E_BUSY)); /* nobody was told */
    trd_shard_result result = result_of(f, reference);
    cr_assert(eq(u8, result.state, TRD_MOVE_HELD));
    cr_assert(eq(u8, result.reason, TRD_REJECT_MALFORMED)); /* as a transfer out of range */
    no_result(f);
    cr_assert(eq(i64, has(f, 0, FLEET_TRANSIT), 300));
    cr_assert(eq(i64, sum_of(f).transit, 300));
    cr_assert(eq(i64, sum_of(f).arrived, 0));
    cr_assert(eq(int, trd_shards_again(f->router, reference), TRD_OK));
    cr_assert(eq(int, trd_shards_again(f->router, reference), TRD_E_BUSY));
    fleet_rest(f); /* no better */
    cr_assert(eq(u8, result_of(f, reference).state, TRD_MOVE_HELD));
    trd_command back = c;
    back.u.transfer.action = TRD_TRANSFER_WITHDRAW;
    cr_assert(eq(int, trd_shards_send_to(f->router, 0, &back), TRD_OK));
    fleet_rest(f);
    cr_assert(eq(int, trd_shards_again(f->router, reference), TRD_OK));
    fleet_rest(f);
    result = result_of(f, reference);
    cr_assert(eq(u8, result.state, TRD_MOVE_RETURNED));
    cr_assert(eq(i64, has(f, 0, BEN), 1000));
    cr_assert(eq(int, trd_shards_again(f->router, reference), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_shards_again(NULL, reference), TRD_E_ARG));
    fleet_free(f);
}

/* What is on its way is nobody's to spend: 1,000 are there, 700 go, and 301 cannot be withdrawn. */
Test(shard_move, money_on_its_way_cannot_be_spent) {
    fleet *f = fleet_of_ann();
    const uint64_t reference = move_of(f, 0, 1, 700);
    work_to(f, reference, TRD_MOVE_IN);
    trd_command c = fleet_deposit(ANN, FLEET_USD, 301);
    c.u.transfer.action = TRD_TRANSFER_WITHDRAW;
    cr_assert(eq(int, trd_shards_send_to(f->router, 0, &c), TRD_OK));
    c.u.transfer.amount = 300;
    cr_assert(eq(int, trd_shards_send_to(f->router, 0, &c), TRD_OK));
    c.u.transfer.amount = 751; /* 50 there, and 700 to come */
    cr_assert(eq(int, trd_shards_send_to(f->router, 1, &c), TRD_OK));
    fleet_rest(f);
    holds(f, 0, 0, 750);
    fleet_free(f);
}

/* At rest in each state: what is owned, what is in transit, and what of it is there already. */
Test(shard_move, the_sum_of_all_shards_is_what_was_paid_in) {
    fleet *f = fleet_of_ann();
    trd_shard_sum sum;
    trd_balance balance;
    trd_amt transit;
    const uint64_t reference = move_of(f, 0, 1, 300);
    cr_assert(eq(i64, sum_of(f).owned, 1050)); /* nothing was sent yet */
    work_to(f, reference, TRD_MOVE_IN);
    /* Its command is in no ring yet, or unanswered: the poll that saw OUT has sent IN. */
    cr_assert(eq(int, trd_shards_sum(f->router, FLEET_USD, &sum), TRD_E_BUSY));
    cr_assert(
        eq(int, trd_shards_balance(f->router, ANN, FLEET_USD, &balance, &transit), TRD_E_BUSY));
    fleet_rest(f);
    cr_assert(eq(int, trd_shards_balance(f->router, ANN, FLEET_USD, &balance, &transit), TRD_OK));
    cr_assert(eq(i64, balance.free, 1050));
    cr_assert(eq(i64, transit, 0));
    /* With full rings steps wait, and all is at rest in between. */
    const uint64_t second = move_of(f, 0, 1, 200);
    work_to(f, second, TRD_MOVE_OUT);
    fleet_work(f); /* OUT is sent */
    const trd_command timer = {.kind = TRD_COMMAND_TIMER, .slots = 1};
    while (look(f, second).state == TRD_MOVE_OUT) {
        while (trd_node_send(f->at[1].node, &timer) == TRD_OK) {
        }
        (void)trd_shards_poll(f->router);
        cr_assert(trd_node_work(f->at[0].node) >= 0);
    }
    cr_assert(eq(u8, look(f, second).state, TRD_MOVE_IN));
    sum = sum_of(f);
    cr_assert(eq(i64, sum.owned, 1050));
    cr_assert(eq(i64, sum.transit, 200));
    cr_assert(eq(i64, sum.arrived, 0));
    cr_assert(eq(u32, sum.moves, 1));
    cr_assert(eq(int, trd_shards_balance(f->router, ANN, FLEET_USD, &balance, &transit), TRD_OK));
    cr_assert(eq(i64, balance.free, 850));
    cr_assert(eq(i64, transit, 200));
    cr_assert(eq(int, trd_shards_balance(f->router, BEN, FLEET_USD, &balance, &transit), TRD_OK));
    cr_assert(eq(i64, transit, 0));
    /* And before FIN: the money is there, and still in transit. */
    while (look(f, second).state == TRD_MOVE_IN) {
        while (trd_node_send(f->at[0].node, &timer) == TRD_OK) {
        }
        (void)trd_shards_poll(f->router);
        cr_assert(trd_node_work(f->at[1].node) >= 0);
    }
    cr_assert(eq(u8, look(f, second).state, TRD_MOVE_FIN));
    sum = sum_of(f);
    cr_assert(eq(i64, sum.owned, 1050));
    cr_assert(eq(i64, sum.transit, 200));
    cr_assert(eq(i64, sum.arrived, 200));
    cr_assert(eq(int, trd_shards_balance(f->router, ANN, FLEET_USD, &balance, &transit), TRD_OK));
    cr_assert(eq(i64, balance.free, 1050));
    cr_assert(eq(i64, transit, 0));
    cr_assert(eq(int, trd_shards_sum(f->router, FLEET_ASSETS, &sum), TRD_E_UNKNOWN));
    cr_assert(eq(int, trd_shards_balance(f->router, 15, FLEET_USD, &balance, NULL), TRD_E_UNKNOWN));
    fleet_rest(f);
    cr_assert(eq(i64, sum_of(f).transit, 0));
    fleet_free(f);
}

Test(shard_move, what_is_in_transit_and_nobodys_is_found) {
    fleet *f = fleet_of_ann();
    trd_command c = fleet_deposit(ANN, FLEET_USD, 7);
    c.u.transfer.action = TRD_TRANSFER_MOVE;
    c.u.transfer.to = FLEET_TRANSIT;
    cr_assert(eq(int, trd_node_send(f->at[0].node, &c), TRD_OK)); /* past the router */
    fleet_rest(f);
    trd_shard_sum sum;
    cr_assert(eq(int, trd_shards_sum(f->router, FLEET_USD, &sum), TRD_E_CORRUPT));
    cr_assert(eq(i64, sum.transit, 7));
    cr_assert(eq(i64, sum.owned, 1050));
    fleet_free(f);
}

/* --- many ------------------------------------------------------------------------------------- */

Test(shard_move, moves_are_bounded_until_their_results_are_taken) {
    fleet *f = fleet_of_ann();
    uint64_t first = 0, reference;
    for (uint32_t i = 0; i < f->def.moves_max; i++) {
        reference = move_of(f, 0, 1, 1);
        first = i == 0 ? reference : first;
    }
    const trd_shard_move move = {.account = ANN, .from = 0, .to = 1, .amount = 1};
    cr_assert(eq(int, trd_shards_move(f->router, &move, &reference), TRD_E_FULL));
    fleet_rest(f);
    holds(f, 984, 0, 66);
    cr_assert(eq(int, trd_shards_move(f->router, &move, &reference), TRD_E_FULL));
    cr_assert(eq(u8, look(f, first).state, TRD_MOVE_DONE));
    (void)result_of(f, first);
    cr_assert(eq(int, trd_shards_move(f->router, &move, &reference), TRD_OK));
    cr_assert(eq(int, trd_shards_move(f->router, &move, &reference), TRD_E_FULL));
    fleet_free(f);
}

Test(shard_move, a_move_that_cannot_be_is_refused) {
    fleet *f = fleet_of_ann();
    uint64_t reference = 5;
    const trd_shard_move good = {.account = ANN, .from = 0, .to = 1, .amount = 1};
    trd_shard_move rows[] = {good, good, good, good, good, good, good};
    rows[0].to = 0;
    rows[1].to = 2;
    rows[2].from = 2;
    rows[3].amount = 0;
    rows[4].amount = -1;
    rows[5].account = FLEET_TRANSIT;
    rows[6].account = TRD_ACCOUNT_VENUE;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_assert(
            eq(int, trd_shards_move(f->router, &rows[i], &reference), TRD_E_ARG), "row %zu", i);
    }
    cr_assert(eq(int, trd_shards_move(NULL, &good, &reference), TRD_E_ARG));
    cr_assert(eq(int, trd_shards_move(f->router, NULL, &reference), TRD_E_ARG));
    cr_assert(eq(int, trd_shards_move(f->router, &good, NULL), TRD_E_ARG));
    cr_assert(eq(u64, reference, 5));
    fleet_free(f);
}

Test(shard_move, references_rise_and_say_what_the_events_do_not) {
    fleet *f = fleet_new(4);
    f->def.router = 9;
    f->def.first = 1000;
    fleet_open(f);
    uint64_t last = 0;
    for (uint32_t i = 0; i < 12; i++) {
        const uint32_t from = i % 4, to = (from + 1 + i % 3) % 4;
        const uint64_t reference = move_of(f, from, to, 1);
        cr_assert(reference > last);
        cr_assert(eq(u64, reference, /* 63: of moves; from 16 on: number; router, from, to */
            UINT64_C(1) << 63 | (UINT64_C(1000) + i) << 16 | 9 << 12 | from << 6 | to));
        last = reference;
    }
    fleet_free(f);
}

Test(shard_move, the_last_number_is_the_last_move) {
    fleet *f = fleet_new(2);
    f->def.first = (UINT64_C(1) << 47) - 1;
    fleet_open(f);
    uint64_t reference = move_of(f, 0, 1, 1);
    cr_assert(eq(u64, reference, UINT64_C(0xffffffffffff0001)));
    const trd_shard_move move = {.account = ANN, .from = 0, .to = 1, .amount = 1};
    cr_assert(eq(int, trd_shards_move(f->router, &move, &reference), TRD_E_RANGE));
    fleet_free(f);
}

Test(shard_move, without_a_first_number_the_clock_gives_one) {
    fleet *f = fleet_new(2);
    f->def.first = 0;
    fleet_open(f);
    const uint64_t number = (move_of(f, 0, 1, 1) & UINT64_MAX >> 1) >> 16;
    /* Eight per millisecond: between 2020-09-13 (1.6 x 10^12 ms) and 2065-01-24 (3 x 10^12). */
    cr_assert(number > UINT64_C(1600000000000) * 8 && number < UINT64_C(3000000000000) * 8);
    fleet_free(f);
}

/* --- crashes ---------------------------------------------------------------------------------- */

/* Finds all of it again, and works until everything is done. */
static void come_back(fleet *f) {
    fleet_open(f);
    fleet_rest(f);
}

/* Ann's money, and that it was moved once or not at all. True: it was. */
static bool moved_once(const fleet *f, uint64_t round) {
    const bool moved = has(f, 1, ANN) == 350;
    cr_assert(eq(i64, has(f, 0, ANN), moved ? 700 : 1000), "round %lu", round);
    cr_assert(eq(i64, has(f, 1, ANN), moved ? 350 : 50), "round %lu", round);
    cr_assert(eq(i64, has(f, 0, FLEET_TRANSIT), 0), "round %lu", round);
    cr_assert(eq(i64, sum_of(f).owned, 1050), "round %lu", round);
    return moved;
}

/* All crash after so many rounds: false if the move had ended before. */
static bool crash_after(uint64_t rounds, bool power, bool *moved) {
    fleet *f = fleet_of_ann();
    const uint64_t reference = move_of(f, 0, 1, 300);
    for (uint64_t i = 0; i < rounds; i++) {
        fleet_work(f);
    }
    const uint8_t state = look(f, reference).state;
    fleet_crash_all(f, power);
    come_back(f);
    *moved = moved_once(f, rounds);
    cr_assert(state <= TRD_MOVE_OUT || *moved, "round %lu: it was out", rounds);
    trd_shard_result out;
    const int found = trd_shards_look(f->router, reference, &out);
    cr_assert(eq(int, found, *moved ? TRD_OK : TRD_E_UNKNOWN), "round %lu", rounds);
    if (*moved) {
        cr_assert(eq(u8, out.state, TRD_MOVE_DONE));
        cr_assert(out.move.account == ANN && out.move.amount == 300);
    }
    cr_assert(move_of(f, 0, 1, 1) > reference || !*moved);
    fleet_free(f);
    return state != TRD_MOVE_DONE;
}

Test(shard_move, whenever_all_crash_it_is_moved_once_or_not_at_all) {
    for (int power = 0; power < 2; power++) {
        bool moved = false, before = false, began = false;
        uint64_t rounds = 0;
        while (crash_after(rounds, power != 0, &moved)) {
            cr_assert(moved || !before, "what was in the journal is lost");
            began = began || !moved;
            before = moved;
            rounds++;
            cr_assert(rounds < 200);
        }
        cr_assert(began && moved && rounds > 6);
    }
}

Test(shard_move, whenever_all_crash_what_is_not_taken_comes_back_once) {
    for (uint64_t rounds = 0;; rounds++) {
        cr_assert(rounds < 200);
        fleet *f = fleet_of_ben();
        const uint64_t reference = move_of_ben(f, 300);
        for (uint64_t i = 0; i < rounds; i++) {
            fleet_work(f);
        }
        const uint8_t state = look(f, reference).state;
        fleet_crash_all(f, rounds % 2 == 0);
        come_back(f);
        cr_assert(eq(i64, has(f, 0, BEN), 1000), "round %lu", rounds);
        cr_assert(eq(i64, has(f, 0, FLEET_TRANSIT), 0), "round %lu", rounds);
        cr_assert(eq(i64, sum_of(f).owned, 1000));
        trd_shard_result out;
        if (trd_shards_look(f->router, reference, &out) == TRD_OK) {
            cr_assert(eq(u8, out.state, TRD_MOVE_RETURNED));
            cr_assert(eq(u8, out.reason, TRD_REJECT_UNKNOWN_ACCOUNT));
        }
        fleet_free(f);
        if (state == TRD_MOVE_RETURNED) {
            break;
        }
    }
}

Test(shard_move, a_refusal_is_known_after_a_crash) {
    fleet *f = fleet_of_ann();
    const uint64_t reference = move_of(f, 0, 1, 1001);
    fleet_rest(f);
    fleet_crash_all(f, true);
    come_back(f);
    const trd_shard_result out = look(f, reference);
    cr_assert(eq(u8, out.state, TRD_MOVE_REFUSED));
    cr_assert(eq(u8, out.reason, TRD_REJECT_BALANCE));
    cr_assert(eq(u32, out.move.account, ANN));
    holds(f, 1000, 0, 50);
    fleet_free(f);
}

/* One node fails after so many rounds and comes back; the router and the other one live on. */
static bool lose_one(uint32_t shard, uint64_t rounds, bool power) {
    fleet *f = fleet_of_ann();
    const uint64_t reference = move_of(f, 0, 1, 300);
    for (uint64_t i = 0; i < rounds; i++) {
        fleet_work(f);
    }
    const uint8_t state = look(f, reference).state;
    fleet_crash(f, shard, power);
    cr_assert(eq(int, trd_shards_leave(f->router, shard), TRD_OK));
    fleet_rest(f); /* the other one works on */
    fleet_open_node(f, shard);
    cr_assert(eq(int, trd_shards_join(f->router, shard, f->at[shard].node, 1), TRD_OK));
    cr_assert(eq(int, trd_shards_join(f->router, shard, f->at[shard].node, 1), TRD_E_BUSY));
    fleet_rest(f);
    /* It was taken on, so it is done: a step that was lost is sent again. */
    cr_assert(moved_once(f, rounds), "round %lu", rounds);
    cr_assert(eq(u8, result_of(f, reference).state, TRD_MOVE_DONE));
    no_result(f);
    fleet_free(f);
    return state != TRD_MOVE_DONE;
}

Test(shard_move, whenever_one_node_fails_the_move_is_made_once) {
    for (uint32_t kind = 0; kind < 4; kind++) {
        uint64_t rounds = 0;
        while (lose_one(kind % 2, rounds, kind / 2 == 0)) {
            rounds++;
            cr_assert(rounds < 200);
        }
        cr_assert(rounds > 6);
    }
}

/* The node was stopped in good order: all that was sent is in its journal. */
Test(shard_move, a_node_may_be_opened_anew_in_the_middle) {
    for (uint32_t shard = 0; shard < 2; shard++) {
        for (uint64_t rounds = 0; rounds < 16; rounds++) {
            fleet *f = fleet_of_ann();
            const uint64_t reference = move_of(f, 0, 1, 300);
            for (uint64_t i = 0; i < rounds; i++) {
                fleet_work(f);
            }
            cr_assert(eq(int, trd_node_stop(f->at[shard].node), TRD_OK));
            fleet_rest(f);
            cr_assert(eq(int, trd_shards_leave(f->router, shard), TRD_OK));
            cr_assert(eq(int, trd_node_close(f->at[shard].node), TRD_OK));
            fleet_open_node(f, shard);
            cr_assert(eq(int, trd_shards_join(f->router, shard, f->at[shard].node, 1), TRD_OK));
            fleet_rest(f);
            cr_assert(moved_once(f, rounds));
            cr_assert(eq(u8, result_of(f, reference).state, TRD_MOVE_DONE));
            fleet_free(f);
        }
    }
}

/* --- what nodes must keep --------------------------------------------------------------------- */

static trd_shard_stats stats_of(const fleet *f, uint32_t shard) {
    trd_shard_stats stats;
    cr_assert(eq(int, trd_shards_stats(f->router, shard, &stats), TRD_OK));
    return stats;
}

static bool has_first_snapshot(const fleet *f, uint32_t shard) {
    uint64_t size;
    return disk_file(f->at[shard].d, "00000000000000000000.snapshot", &size) != NULL;
}

static void snapshot(fleet *f, uint32_t shard) {
    trd_node_status status;
    cr_assert(eq(int, trd_node_snapshot(f->at[shard].node, &status), TRD_OK));
}

/* With keep 1 a snapshot takes the place of the one before, unless somebody needs that. */
Test(shard_move, nodes_keep_what_a_move_has_to_be_found_by) {
    fleet *f = fleet_new(2);
    f->at[0].def.keep = f->at[1].def.keep = 1;
    fleet_open(f);
    fleet_accounts(f);
    fleet_pay_in(f, 0, ANN, FLEET_USD, 1000);
    fleet_pay_in(f, 1, ANN, FLEET_USD, 50);
    const uint64_t before[2] = {stats_of(f, 0).confirmed, stats_of(f, 1).confirmed};
    cr_assert(eq(u64, before[0], stats_of(f, 0).seen));
    const uint64_t reference = move_of(f, 0, 1, 300);
    fleet_rest(f);
    /* It is done, and nobody has heard: OUT and IN stay. */
    cr_assert(stats_of(f, 0).seen > before[0]);
    cr_assert(stats_of(f, 0).confirmed < stats_of(f, 0).seen);
    cr_assert(eq(u8, look(f, reference).state, TRD_MOVE_DONE));
    snapshot(f, 0);
    snapshot(f, 1);
    cr_assert(has_first_snapshot(f, 0) && has_first_snapshot(f, 1));
    fleet_crash_all(f, true);
    come_back(f);
    cr_assert(eq(u8, look(f, reference).state, TRD_MOVE_DONE));
    /* Taken: it is forgotten, everywhere. */
    fleet_pay_in(f, 0, ANN, FLEET_USD, 1);
    fleet_pay_in(f, 1, ANN, FLEET_USD, 1);
    fleet_rest(f);
    cr_assert(eq(u64, stats_of(f, 0).confirmed, stats_of(f, 0).seen));
    snapshot(f, 0);
    snapshot(f, 1);
    fleet_pay_in(f, 0, ANN, FLEET_USD, 1);
    fleet_pay_in(f, 1, ANN, FLEET_USD, 1);
    snapshot(f, 0);
    snapshot(f, 1);
    cr_assert(has_first_snapshot(f, 0) == false && has_first_snapshot(f, 1) == false);
    fleet_crash_all(f, true);
    come_back(f);
    trd_shard_result out;
    cr_assert(eq(int, trd_shards_look(f->router, reference, &out), TRD_E_UNKNOWN));
    cr_assert(eq(i64, sum_of(f).owned, 1054));
    fleet_free(f);
}

/* A move stands still for long, snapshots come and go, and all crash: it is found, and finished. */
Test(shard_move, a_move_is_found_behind_any_number_of_snapshots) {
    for (uint32_t stuck = 0; stuck < 2; stuck++) {
        fleet *f = fleet_of_ann();
        f->at[0].def.keep = f->at[1].def.keep = 1;
        const uint64_t reference = move_of(f, 0, 1, 300);
        work_to(f, reference, stuck == 0 ? TRD_MOVE_IN : TRD_MOVE_FIN);
        fleet_crash(f, 1 - stuck, true); /* the one that the next step is for */
        cr_assert(eq(int, trd_shards_leave(f->router, 1 - stuck), TRD_OK));
        for (int i = 0; i < 3; i++) {
            fleet_pay_in(f, stuck, ANN, FLEET_USD, 1);
            snapshot(f, stuck);
        }
        fleet_crash_all(f, true);
        come_back(f);
        cr_assert(eq(i64, has(f, 0, ANN), 700 + (stuck == 0 ? 3 : 0)));
        cr_assert(eq(i64, has(f, 1, ANN), 350 + (stuck == 1 ? 3 : 0)));
        cr_assert(eq(u8, look(f, reference).state, TRD_MOVE_DONE));
        cr_assert(eq(u32, f->status.unfinished, 1));
        fleet_free(f);
    }
}

/* More moves are done in the events that are given again than there is room for under way. */
Test(shard_move, those_that_are_through_take_no_room_when_all_is_read_again) {
    fleet *f = fleet_of_ann();
    f->def.moves_max = 2;
    trd_shards_close(f->router);
    fleet_crash(f, 0, true);
    fleet_crash(f, 1, true);
    come_back(f);
    for (int i = 0; i < 20; i++) {
        const uint64_t there = move_of(f, 0, 1, 10), back = move_of(f, 1, 0, 10);
        fleet_rest(f);
        trd_shard_result out;
        for (uint32_t done = 0; done < 2; done++) {
            cr_assert(eq(int, trd_shards_result(f->router, &out), 1));
            cr_assert(eq(u8, out.state, TRD_MOVE_DONE));
            cr_assert(out.reference == there || out.reference == back);
        }
    }
    const uint64_t one = move_of(f, 0, 1, 100), two = move_of(f, 1, 0, 5);
    work_to(f, one, TRD_MOVE_IN);
    fleet_crash_all(f, true);
    fleet_open(f);
    cr_assert(eq(u32, f->status.unfinished, 2));
    fleet_rest(f);
    cr_assert(eq(u8, look(f, one).state, TRD_MOVE_DONE));
    cr_assert(eq(u8, look(f, two).state, TRD_MOVE_DONE));
    holds(f, 905, 0, 145);
    fleet_crash_all(f, true);
    f->def.moves_max = 1; /* enough: nothing is under way */
    fleet_open(f);
    cr_assert(eq(u32, f->status.unfinished, 0));
    fleet_free(f);
}

Test(shard_move, more_moves_than_there_is_room_for_are_refused_at_opening) {
    fleet *f = fleet_of_ann();
    (void)move_of(f, 0, 1, 1);
    (void)move_of(f, 0, 1, 2);
    const uint64_t last = move_of(f, 0, 1, 3);
    work_to(f, last, TRD_MOVE_IN);
    fleet_crash_all(f, true);
    fleet_open_node(f, 0);
    fleet_open_node(f, 1);
    for (f->def.moves_max = 1; f->def.moves_max < 3; f->def.moves_max++) {
        cr_assert(eq(int, fleet_try_router(f, &f->def, &f->router), TRD_E_FULL));
        cr_assert(f->router == NULL);
    }
    fleet_open_router(f);
    fleet_rest(f);
    holds(f, 994, 0, 56);
    fleet_free(f);
}

/* --- nodes and routers that come and go ------------------------------------------------------- */

/* Even where the tables of instruments would not tell. */
Test(shard_move, moves_know_which_shard_is_which) {
    fleet *f = fleet_new(3);
    fleet_open(f);
    fleet_accounts(f);
    fleet_pay_in(f, 0, ANN, FLEET_USD, 1000);
    const uint64_t reference = move_of(f, 0, 2, 300);
    work_to(f, reference, TRD_MOVE_IN);
    fleet_crash_all(f, true);
    f->def.instrument_count = 0;
    for (uint32_t i = 0; i < 3; i++) {
        fleet_open_node(f, i);
    }
    f->shards = f->def.shards = 2; /* one is missing */
    cr_assert(eq(int, fleet_try_router(f, &f->def, &f->router), TRD_E_UNKNOWN));
    cr_assert(eq(u32, f->status.shard, 0));
    f->shards = f->def.shards = 3;
    for (uint32_t i = 1; i < 3; i++) { /* 0 in the place of 1, then of 2 */
        trd_node *const node = f->at[0].node;
        f->at[0].node = f->at[i].node;
        f->at[i].node = node;
        cr_assert(eq(int, fleet_try_router(f, &f->def, &f->router), TRD_E_UNKNOWN));
        cr_assert(eq(u32, f->status.shard, i + 1));
        f->at[i].node = f->at[0].node;
        f->at[0].node = node;
    }
    fleet_open_router(f);
    fleet_rest(f);
    cr_assert(eq(i64, has(f, 0, ANN), 700));
    cr_assert(eq(i64, has(f, 2, ANN), 300));
    fleet_free(f);
}

Test(shard_move, a_subscription_serves_one_router_once) {
    fleet *f = fleet_of_ann();
    trd_shards *other;
    cr_assert(eq(int, fleet_try_router(f, &f->def, &other), TRD_E_BUSY));
    cr_assert(eq(u32, f->status.shard, 1));
    trd_shards_close(f->router);
    f->router = NULL;
    cr_assert(eq(int, fleet_try_router(f, &f->def, &other), TRD_E_BUSY));
    trd_shards_def def = f->def; /* without moves there is nothing that could be twice */
    def.moves_max = 0;
    cr_assert(eq(int, fleet_try_router(f, &def, &other), TRD_OK));
    const uint64_t reference = 5;
    trd_shard_result out;
    cr_assert(eq(int, trd_shards_look(other, reference, &out), TRD_E_UNKNOWN));
    trd_shards_close(other);
    fleet_free(f);
}

/* Each follows its own moves by subscriptions of its own, and leaves the other's alone. */
Test(shard_move, routers_of_two_numbers_move_beside_each_other) {
    fleet *f = fleet_new(2);
    trd_subscription subs[2][3];
    uint32_t third[2] = {2, 2};
    for (uint32_t i = 0; i < 2; i++) {
        memcpy(subs[i], f->at[i].subs, sizeof(f->at[i].subs));
        subs[i][0].capacity = 4096;
        subs[i][2] = trd_shards_subscription(4096);
        f->at[i].def.subscriptions = subs[i];
        f->at[i].def.subscribers = 3;
    }
    trd_shards_def def = f->def;
    trd_shards *other;
    for (int life = 0; life < 2; life++) {
        fleet_open_node(f, 0);
        fleet_open_node(f, 1);
        def.router = 1;
        def.subscriptions = third;
        fleet_open_router(f);
        cr_assert(eq(int, fleet_try_router(f, &def, &other), TRD_OK));
        cr_assert(eq(u32, f->status.unfinished, life == 0 ? 0 : 1));
        if (life == 0) {
            fleet_accounts(f);
            fleet_pay_in(f, 0, ANN, FLEET_USD, 1000);
            const trd_shard_move move = {.account = ANN, .from = 0, .to = 1, .amount = 40};
            uint64_t reference;
            cr_assert(eq(int, trd_shards_move(other, &move, &reference), TRD_OK));
            while (trd_shards_poll(other) == 0 || trd_shards_poll(other) > 0) {
                trd_shard_result out;
                fleet_work(f);
                if (trd_shards_look(other, reference, &out) == TRD_OK && out.state == TRD_MOVE_IN) {
                    break;
                }
            }
            (void)move_of(f, 0, 1, 2);
            fleet_rest(f);
            holds(f, 958, 40, 2);
            trd_shards_close(other);
            fleet_crash_all(f, false);
            for (uint32_t i = 0; i < 2; i++) {
                subs[i][0].last = f->at[i].got;
            }
        }
    }
    fleet_rest(f); /* the first one has nothing to do with it */
    holds(f, 958, 40, 2);
    for (int idle = 0; idle < 20;) {
        const int done = trd_shards_poll(other);
        idle = done + fleet_work(f) > 0 ? 0 : idle + 1;
    }
    holds(f, 958, 0, 42);
    trd_shards_close(other);
    fleet_free(f);
}

Test(shard_move, a_ring_that_was_full_takes_the_shard_out_until_it_joins_anew) {
    fleet *f = fleet_new(2);
    f->at[0].subs[1].capacity = 64;
    fleet_open(f);
    fleet_accounts(f);
    fleet_pay_in(f, 0, ANN, FLEET_USD, 1000);
    const uint64_t reference = move_of(f, 0, 1, 300);
    (void)trd_shards_poll(f->router); /* OUT is sent */
    for (int i = 0; i < 80; i++) {    /* and nothing is read for long */
        const trd_command c = fleet_deposit(ANN, FLEET_USD, 1);
        while (trd_node_send(f->at[0].node, &c) == TRD_E_FULL) {
            cr_assert(trd_node_work(f->at[0].node) >= 0);
            fleet_read(f, 0);
        }
    }
    fleet_rest(f);
    cr_assert(eq(u32, stats_of(f, 0).state, TRD_SHARD_CUT));
    cr_assert(eq(u32, stats_of(f, 1).state, TRD_SHARD_LIVE));
    const trd_command c = fleet_deposit(ANN, FLEET_USD, 1); /* commands go on */
    cr_assert(eq(int, trd_shards_send_to(f->router, 0, &c), TRD_OK));
    fleet_rest(f);
    cr_assert(eq(int, trd_shards_leave(f->router, 0), TRD_OK));
    cr_assert(eq(u32, stats_of(f, 0).state, TRD_SHARD_LEFT));
    trd_shard_sum sum;
    cr_assert(eq(int, trd_shards_sum(f->router, FLEET_USD, &sum), TRD_E_BUSY));
    cr_assert(eq(int, trd_node_close(f->at[0].node), TRD_OK));
    f->at[0].subs[1].capacity = 4096;
    fleet_open_node(f, 0);
    cr_assert(eq(int, trd_shards_join(f->router, 0, f->at[0].node, 1), TRD_OK));
    fleet_rest(f);
    cr_assert(eq(i64, has(f, 0, ANN), 1000 - 300 + 81));
    cr_assert(eq(i64, has(f, 1, ANN), 300));
    cr_assert(eq(u8, result_of(f, reference).state, TRD_MOVE_DONE));
    fleet_free(f);
}

Test(shard_move, a_node_that_is_another_one_may_not_join) {
    fleet *f = fleet_of_ann();
    for (uint64_t id = 1; id < 3; id++) { /* events that are none of the router's */
        const trd_command order = fleet_order(ANN, 1, id, TRD_BUY, 1, 5);
        fleet_send(f, &order);
    }
    fleet_rest(f);
    fleet_crash(f, 1, true);
    cr_assert(eq(int, trd_shards_leave(f->router, 1), TRD_OK));
    cr_assert(eq(int, trd_shards_join(f->router, 1, NULL, 1), TRD_E_ARG));
    cr_assert(eq(int, trd_shards_join(f->router, 2, f->at[0].node, 1), TRD_E_ARG));
    /* Shard 0 has other instruments. */
    cr_assert(eq(int, trd_shards_join(f->router, 1, f->at[0].node, 1), TRD_E_UNKNOWN));
    fleet_open_node(f, 1);
    cr_assert(eq(int, trd_shards_join(f->router, 1, f->at[1].node, 0), TRD_E_ARG));
    cr_assert(eq(int, trd_shards_join(f->router, 1, f->at[1].node, 2), TRD_E_ARG));
    cr_assert(eq(int, trd_node_close(f->at[1].node), TRD_OK));
    f->at[1].node = NULL;
    /* It gives less than the router lacks. */
    f->at[1].subs[1].last = stats_of(f, 1).seen + 1;
    fleet_pay_in(f, 0, ANN, FLEET_USD, 1);
    cr_assert(eq(int, trd_node_open(&f->at[1].def, &f->at[1].status, &f->at[1].node), TRD_OK));
    cr_assert(eq(int, trd_shards_join(f->router, 1, f->at[1].node, 1), TRD_E_RANGE));
    cr_assert(eq(int, trd_node_close(f->at[1].node), TRD_OK));
    /* A new one, in an empty directory, has nothing of what the router has seen. */
    f->at[1].subs[1].last = 0;
    f->at[1].got = f->at[1].subs[0].last = 0;
    disk_free(f->at[1].d);
    f->at[1].d = disk_new(9);
    f->at[1].ops = disk_ops(f->at[1].d, true);
    cr_assert(eq(int, trd_node_open(&f->at[1].def, &f->at[1].status, &f->at[1].node), TRD_OK));
    cr_assert(eq(int, trd_shards_join(f->router, 1, f->at[1].node, 1), TRD_E_RANGE));
    fleet_free(f);
}

/* The caller kept what was confirmed, and the node gives no more than it must. */
Test(shard_move, a_node_may_begin_behind_what_was_confirmed) {
    for (int stop = 0; stop < 2; stop++) {
        fleet *f = fleet_of_ann();
        const uint64_t reference = move_of(f, 0, 1, 300);
        work_to(f, reference, stop == 0 ? TRD_MOVE_IN : TRD_MOVE_FIN);
        for (uint32_t i = 0; i < 2; i++) {
            f->at[i].subs[1].last = stats_of(f, i).confirmed;
        }
        cr_assert(f->at[0].subs[1].last > 0);
        fleet_crash_all(f, true);
        come_back(f);
        cr_assert(moved_once(f, 0));
        cr_assert(eq(u8, look(f, reference).state, TRD_MOVE_DONE));
        fleet_free(f);
    }
}

Test(shard_move, a_router_may_join_nodes_that_have_worked_for_long) {
    fleet *f = fleet_of_ann();
    f->def.moves_max = 0;
    trd_shards_close(f->router);
    f->router = NULL;
    fleet_crash(f, 0, true);
    fleet_crash(f, 1, true);
    fleet_open_node(f, 0);
    fleet_open_node(f, 1);
    fleet_open_router(f); /* without moves */
    for (int i = 0; i < 10; i++) {
        fleet_pay_in(f, 0, ANN, FLEET_USD, 1);
    }
    trd_shards_close(f->router);
    f->def.moves_max = 4;
    fleet_open_router(f);
    (void)move_of(f, 0, 1, 10);
    fleet_rest(f);
    holds(f, 1000, 0, 60);
    fleet_free(f);
}

Test(shard_move, what_is_read_again_at_a_start_is_confirmed) {
    fleet *f = fleet_of_ann();
    fleet_crash_all(f, true);
    come_back(f);
    for (uint32_t i = 0; i < 2; i++) {
        cr_assert(stats_of(f, i).seen > 0);
        cr_assert(eq(u64, stats_of(f, i).confirmed, stats_of(f, i).seen));
    }
    fleet_free(f);
}

/* The nodes have threads; router and subscriber are this one. */
Test(shard_move, nodes_may_have_threads_of_their_own) {
    enum { COUNT = 200 };
    fleet *f = fleet_new(2);
    for (uint32_t i = 0; i < 2; i++) {
        f->at[i].def.clock = NULL;
        f->at[i].def.threads = 1 + 2 * i;
        f->at[i].def.idle = TRD_IDLE_PARK;
    }
    fleet_open(f);
    fleet_accounts(f);
    fleet_pay_in(f, 0, ANN, FLEET_USD, 1000);
    fleet_pay_in(f, 1, ANN, FLEET_USD, 50);
    for (uint32_t i = 0; i < 2; i++) {
        cr_assert(eq(int, trd_node_start(f->at[i].node), TRD_OK));
    }
    uint32_t begun = 0, ended = 0;
    while (ended < COUNT) {
        trd_shard_result out;
        if (begun < COUNT && begun - ended < 8) {
            (void)move_of(f, begun % 3 == 0, begun % 3 != 0, 1 + begun % 5);
            begun++;
        }
        fleet_work(f); /* by hand there is nothing to do at the nodes */
        while (trd_shards_result(f->router, &out) == 1) {
            cr_assert(out.state == TRD_MOVE_DONE || out.reason == TRD_REJECT_BALANCE);
            ended++;
        }
    }
    trd_shard_sum sum;
    cr_assert(eq(int, trd_shards_sum(f->router, FLEET_USD, &sum), TRD_E_BUSY));
    for (uint32_t i = 0; i < 2; i++) {
        cr_assert(eq(int, trd_node_stop(f->at[i].node), TRD_OK));
    }
    cr_assert(eq(i64, sum_of(f).owned, 1050));
    cr_assert(eq(i64, sum_of(f).transit, 0));
    cr_assert(eq(i64, has(f, 0, ANN) + has(f, 1, ANN), 1050));
    fleet_free(f);
}

#include "replay/itch.h"

/* What the matcher would do with an opposite order for `qty` at the order's price, from its queue
 * alone. */
static itch_verdict foresee(
    const itch_state *at, const trd_book_order *order, trd_order handle, trd_qty qty) {
    const trd_match *match = at->run->match;
    trd_order_info mine, first;
    trd_level best;
    if (handle == 0 || trd_match_order(match, handle, &mine) != TRD_OK) {
        return ITCH_GONE;
    }
    if (mine.leaves < qty) {
        return ITCH_LESS;
    }
    trd_match_best(match, order->instrument, order->side, &best);
    if (best.px != order->px) {
        return ITCH_BETTER;
    }
    trd_match_queue(match, order->instrument, order->side, order->px, &first, 1);
    return first.order == handle ? ITCH_SAME : ITCH_BEHIND;
}

/* An execution at another price than the order's is in 1/10,000, not in the instrument's ticks. */
static bool at_other_price(
    const itch_state *at, const trd_itch_msg *msg, const trd_book_order *order) {
    const trd_instrument *spec = &at->report->symbols.list[order->instrument].spec;
    return msg->type == TRD_ITCH_EXECUTED_AT &&
           (wide)msg->u.executed.px != (wide)order->px * spec->tick_size;
}

/* Sends the opposite order and looks which resting order the matcher executed. */
static int execute_same(
    itch_state *at, const trd_itch_msg *msg, const trd_book_order *order, trd_order handle) {
    trd_command command = itch_command(msg, TRD_COMMAND_NEW, order->instrument);
    command.account = ITCH_TAKERS;
    command.u.order = (trd_new){.client_id = ++at->takers,
        .px = order->px,
        .qty = msg->u.executed.qty,
        .side = order->side == TRD_BUY ? TRD_SELL : TRD_BUY,
        .type = TRD_TYPE_LIMIT,
        .tif = TRD_TIF_IOC};
    const int result = runner_step(at->run, &command);
    const runner_last *last = &at->run->last;
    if (last->fills != 1 || last->maker != handle || last->maker_qty != msg->u.executed.qty) {
        at->broken++;
    }
    return result;
}

static void tally(itch_state *at, const trd_itch_msg *msg, const trd_book_order *order) {
    symbol *row = &at->report->symbols.list[order->instrument];
    const trd_instrument *spec = &row->spec;
    const bool printed = msg->type == TRD_ITCH_EXECUTED || msg->u.executed.printable != 'N';
    at->report->executions++;
    row->executions++;
    if (!printed) {
        at->unprintable++;
        return;
    }
    /* Value is summed in ticks; a price between two ticks is rounded down in it. */
    const trd_px px =
        msg->type == TRD_ITCH_EXECUTED ? order->px : (trd_px)msg->u.executed.px / spec->tick_size;
    row->volume += msg->u.executed.qty;
    row->value += (wide)px * msg->u.executed.qty;
}

/* After an execution that the matcher would not have made, its order is reduced as the venue's is:
 * otherwise one difference would be counted again in everything that follows. */
static int execute_known(itch_state *at, const trd_itch_msg *msg, const trd_book_order *order) {
    const trd_qty qty = msg->u.executed.qty;
    const trd_order handle = trd_match_find(at->run->match, ITCH_MAKERS, order->ref);
    itch_verdict verdict = foresee(at, order, handle, qty);
    if (verdict > ITCH_OTHER_PRICE && at_other_price(at, msg, order)) {
        verdict = ITCH_OTHER_PRICE;
    }
    at->verdicts[verdict]++;
    if (verdict == ITCH_SAME) {
        return execute_same(at, msg, order, handle);
    }
    return handle != 0 ? itch_reduce(at, msg, order, qty) : EXIT_DONE;
}

int itch_execute(itch_state *at, const trd_itch_msg *msg) {
    trd_book_order order;
    if (trd_order_book_find(at->book, msg->u.executed.ref, &order) != TRD_OK) {
        at->unknown[msg->type]++;
        at->verdicts[ITCH_UNKNOWN]++;
        at->report->executions++;
        return EXIT_DONE;
    }
    if (msg->u.executed.qty == 0) {
        at->wrong++;
        return EXIT_DONE;
    }
    tally(at, msg, &order);
    if (!itch_take_off(at, &order, msg->u.executed.qty)) {
        at->verdicts[ITCH_OVERSIZED]++;
        return itch_cancel(at, msg, &order);
    }
    return execute_known(at, msg, &order);
}

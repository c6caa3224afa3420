/* exchange.c - a small exchange: a matching engine with one instrument, some orders, and what
 * happens to them. Commands go in, events come out; nothing else does anything.
 *
 *     cc exchange.c $(pkg-config --cflags --libs tradsys) && ./a.out
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include <tradsys/tradsys.h>

/* The least room that is enough. A venue would have more, and hand the events on instead of
 * printing them. Too little for one command is no error: the engine stops where the output is full
 * and goes on in the next call. */
enum { ROOM = TRD_OUT_MIN };

static const char *side_text(unsigned side) {
    return side == TRD_BUY ? "buy" : "sell";
}

static void print_event(const trd_event *event) {
    const trd_ev_order *order = &event->u.order;
    const trd_ev_fill *fill = &event->u.fill;
    const trd_ev_cancel *cancel = &event->u.cancel;
    const trd_ev_level *level = &event->u.level;
    printf("%3" PRIu64 " %-15s ", event->seq, trd_event_text(event->kind));
    switch (event->kind) {
    case TRD_EVENT_ACCEPTED:
        printf("account %" PRIu32 " order %" PRIu64 ": %s %" PRId64, event->account,
            order->client_id, side_text(event->side), order->qty);
        if (order->px != 0) { /* a market order has no price */
            printf(" at %" PRId64, order->px);
        }
        printf("\n");
        break;
    case TRD_EVENT_FILL:
        printf("account %" PRIu32 " %s %" PRId64 " at %" PRId64 ", %" PRId64 " left\n",
            event->account, event->side == TRD_BUY ? "bought" : "sold", fill->qty, fill->px,
            fill->leaves);
        break;
    case TRD_EVENT_CANCELED:
        printf("account %" PRIu32 " order %" PRIu64 ": %" PRId64 " not executed, %s\n",
            event->account, cancel->client_id, cancel->qty, trd_cause_text(event->reason));
        break;
    case TRD_EVENT_LEVEL:
        printf("%s %" PRId64 " at %" PRId64 "\n", event->side == TRD_BUY ? "bid" : "ask",
            level->qty, level->px);
        break;
    default: /* the refusals */
        printf("account %" PRIu32 " order %" PRIu64 ": %s\n", event->account, order->client_id,
            trd_reject_text(event->reason));
    }
}

/* Executes a command and prints its events. A record may have extension slots behind its base: who
 * walks through events advances by `slots`. */
static int execute(trd_match *match, const trd_command *command) {
    int result;
    do {
        trd_event events[ROOM];
        trd_out out = {.events = events, .capacity = ROOM};
        result = trd_match_step(match, command, &out);
        for (uint32_t i = 0; i < out.count; i += events[i].slots) {
            print_event(&events[i]);
        }
        command = NULL; /* what is not finished is continued, not sent again */
    } while (result == TRD_MORE);
    return result;
}

/* Fields that are not named are zero, and zero is what reserved fields have to be. */
static trd_command limit(
    uint32_t account, uint64_t client_id, uint8_t side, trd_qty qty, trd_px px) {
    return (trd_command){
        .kind = TRD_COMMAND_NEW,
        .slots = 1,
        .account = account,
        .u.order = {.client_id = client_id,
            .px = px,
            .qty = qty,
            .side = side,
            .type = TRD_TYPE_LIMIT,
            .tif = TRD_TIF_GTC},
    };
}

static trd_command market(uint32_t account, uint64_t client_id, uint8_t side, trd_qty qty) {
    trd_command command = limit(account, client_id, side, qty, 0);
    command.u.order.type = TRD_TYPE_MARKET;
    command.u.order.tif = TRD_TIF_IOC;
    return command;
}

static trd_command cancel(uint32_t account, uint64_t client_id) {
    return (trd_command){.kind = TRD_COMMAND_CANCEL,
        .slots = 1,
        .account = account,
        .u.cancel = {.target = client_id}};
}

/* Two orders to sell, a buyer who takes one and part of the other, one who wants more than there
 * is, a cancel that comes too late, and one in time. */
static bool trade(trd_match *match) {
    const trd_command commands[] = {
        limit(1, 1, TRD_SELL, 5, 101),
        limit(1, 2, TRD_SELL, 5, 102),
        limit(2, 1, TRD_BUY, 7, 102),
        market(3, 1, TRD_BUY, 10),
        cancel(1, 2),
        limit(2, 2, TRD_BUY, 4, 99),
        cancel(2, 2),
    };
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (execute(match, &commands[i]) != TRD_OK) {
            return false;
        }
    }
    return true;
}

int main(void) {
    trd_match_def def = trd_match_def_default();
    def.instruments_max = 1;
    def.orders_max = 1000;
    def.publish = TRD_PUBLISH_LEVELS;
    trd_match *match = trd_match_create(&def);
    if (match == NULL) {
        fprintf(stderr, "the definition is invalid, or there is no memory\n");
        return 1;
    }

    /* Whole prices and quantities: with scale 0 a tick is 1 and a lot is 1. */
    trd_instrument spec = trd_instrument_default();
    spec.symbol[0] = 'X';
    spec.px_scale = 0;
    const int instrument =
        trd_match_add(match, &spec); /* index 0, which commands have by default */
    const bool done = instrument == 0 && trade(match);
    trd_match_destroy(match);
    return done ? 0 : 1;
}

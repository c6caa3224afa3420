/* seal.c - events that nobody can change afterwards unnoticed: an exchange writes them in sealed
 * blocks, an auditor reads them, somebody makes a fill larger, the auditor reads them again.
 *
 *     cc seal.c $(pkg-config --cflags --libs tradsys libcrypto) && ./a.out
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <tradsys/tradsys.h>

enum { BLOCKS_MAX = 8, SLOTS_MAX = 16 };

/* What would be a file: blocks, each behind its seal. */
typedef struct block {
    trd_seal seal;
    trd_event slots[SLOTS_MAX];
} block;

static block log_blocks[BLOCKS_MAX];
static size_t blocks;

static int sha256(
    void *user, const void *head, size_t head_size, const void *data, size_t size, uint8_t *out) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const int good = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
                     EVP_DigestUpdate(context, head, head_size) == 1 &&
                     EVP_DigestUpdate(context, data, size) == 1 &&
                     EVP_DigestFinal_ex(context, out, NULL) == 1;
    (void)user;
    EVP_MD_CTX_free(context);
    return good ? TRD_OK : TRD_E_MEMORY;
}

static const trd_digest digest = {sha256, NULL};

static void must(int result) {
    if (result < 0) {
        fprintf(stderr, "%s\n", trd_result_text(result));
        exit(1);
    }
}

/* One order, and its events as the next block of the log. */
static void execute(trd_match *match, trd_sealer *sealer, const trd_command *command) {
    block *next = &log_blocks[blocks];
    trd_out out = {next->slots, SLOTS_MAX, 0};
    must(trd_match_step(match, command, &out));
    must(trd_seal_make(sealer, next->slots, out.count, command->time, &next->seal));
    blocks++;
}

static trd_command order(uint64_t id, unsigned side, trd_px px, trd_qty qty) {
    trd_command command;
    memset(&command, 0, sizeof(command));
    command.time = (trd_ns)id * 1000;
    command.kind = TRD_COMMAND_NEW;
    command.slots = 1;
    command.account = 1;
    command.u.order.client_id = id;
    command.u.order.px = px;
    command.u.order.qty = qty;
    command.u.order.side = (uint8_t)side;
    command.u.order.type = TRD_TYPE_LIMIT;
    command.u.order.tif = TRD_TIF_GTC;
    return command;
}

static void trade_and_seal(void) {
    trd_match_def def = trd_match_def_default();
    def.instruments_max = 1;
    def.orders_max = 64;
    trd_match *match = trd_match_create(&def);
    trd_instrument spec = trd_instrument_default();
    trd_sealer sealer;
    if (match == NULL) {
        exit(1);
    }
    spec.symbol[0] = 'X';
    must(trd_match_add(match, &spec));
    must(trd_sealer_start(&sealer, &digest, NULL));
    const trd_command orders[] = {order(1, TRD_BUY, 100, 5), order(2, TRD_SELL, 100, 3),
        order(3, TRD_BUY, 101, 1), order(4, TRD_SELL, 99, 2)};
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        execute(match, &sealer, &orders[i]);
    }
    trd_match_destroy(match);
}

/* The auditor: from the first block to the last, or to the first that is not what it was. */
static void audit(void) {
    trd_sealer sealer;
    size_t at = 0;
    int result = TRD_OK;
    must(trd_sealer_start(&sealer, &digest, NULL));
    while (at < blocks && result == TRD_OK) {
        const block *next = &log_blocks[at];
        result = trd_seal_verify(&sealer, &next->seal, next->slots, next->seal.slots);
        at += result == TRD_OK;
    }
    if (result == TRD_OK) {
        printf("%u blocks are as they were written\n", (unsigned)at);
    } else {
        printf("block %u: %s\n", (unsigned)at, trd_result_text(result));
    }
}

int main(void) {
    trade_and_seal();
    audit();
    trd_event *fill = log_blocks[1].slots; /* somebody sold more than he did */
    while (fill->kind != TRD_EVENT_FILL) {
        fill += fill->slots;
    }
    fill->u.fill.qty = 30;
    audit();
    return 0;
}

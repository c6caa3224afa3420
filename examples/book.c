/* book.c - a book rebuilt from a feed of price levels: apply its messages, then show the best ones.
 *
 *     cc book.c $(pkg-config --cflags --libs tradsys) && ./a.out
 */
#include <stdio.h>
#include <string.h>

#include <tradsys/tradsys.h>

enum { DEPTH = 3 };

/* One message of the feed: this is the quantity at that price from now on. 0: the level is gone. */
typedef struct message {
    unsigned side;
    const char *px;
    const char *qty;
} message;

static const message feed[] = {
    {TRD_BUY, "99.98", "2.5"}, {TRD_BUY, "99.97", "1"}, {TRD_SELL, "100.01", "0.75"},
    {TRD_SELL, "100.02", "4"}, {TRD_SELL, "100.05", "1.2"}, {TRD_BUY, "99.98", "0"},
    {TRD_SELL, "100.01", "0.5"}, {TRD_SELL, "100.015", "1"}, /* between two ticks: refused */
};

/* Prices have two decimals and quantities three: a tick is 0.01, a lot 0.001. */
static trd_instrument instrument(void) {
    trd_instrument spec = trd_instrument_default();
    spec.symbol[0] = 'X';
    spec.px_scale = 2;
    spec.qty_scale = 3;
    return spec;
}

/* Text becomes integers once, at the edge, and exactly: what is between two ticks is an error. */
static int apply(trd_level_book *book, const trd_instrument *spec, const message *m) {
    trd_px px = 0;
    trd_qty qty = 0;
    int result = trd_instrument_px(spec, m->px, strlen(m->px), TRD_ROUND_EXACT, &px);
    if (result == TRD_OK) {
        result = trd_instrument_qty(spec, m->qty, strlen(m->qty), TRD_ROUND_EXACT, &qty);
    }
    return result == TRD_OK ? trd_level_book_set(book, m->side, px, qty) : result;
}

static void show(const trd_level_book *book, const trd_instrument *spec, unsigned side) {
    trd_level levels[DEPTH];
    const int count = trd_level_book_depth(book, side, levels, DEPTH);
    for (int i = 0; i < count; i++) {
        char px[TRD_DECIMAL_SIZE], qty[TRD_DECIMAL_SIZE];
        trd_instrument_px_text(spec, levels[i].px, px, sizeof(px));
        trd_instrument_qty_text(spec, levels[i].qty, qty, sizeof(qty));
        printf("%s %s at %s\n", side == TRD_BUY ? "bid" : "ask", qty, px);
    }
}

int main(void) {
    const trd_instrument spec = instrument();
    const trd_level_book_def def = trd_level_book_def_default();
    trd_level_book *book = trd_level_book_create(&def);
    if (book == NULL) {
        fprintf(stderr, "no memory\n");
        return 1;
    }
    for (size_t i = 0; i < sizeof(feed) / sizeof(feed[0]); i++) {
        const int result = apply(book, &spec, &feed[i]);
        if (result < 0) {
            printf("%s at %s: %s\n", feed[i].qty, feed[i].px, trd_result_text(result));
        }
    }
    show(book, &spec, TRD_BUY);
    show(book, &spec, TRD_SELL);
    trd_level_book_destroy(book);
    return 0;
}

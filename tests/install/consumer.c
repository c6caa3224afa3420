/* consumer.c - a program of somebody else: every header, one function of each module. */
#include <stdio.h>

#include <tradsys/codec/itch.h>
#include <tradsys/codec/mold.h>
#include <tradsys/tradsys.h>

int main(void) {
    const trd_match_def match_def = trd_match_def_default();
    const trd_level_book_def book_def = trd_level_book_def_default();
    trd_instrument spec = trd_instrument_default();
    spec.symbol[0] = 'X';
    trd_match *match = trd_match_create(&match_def);
    trd_level_book *book = trd_level_book_create(&book_def);
    trd_level best = TRD_ZERO;
    const int good = trd_version() == TRD_VERSION && match != NULL && book != NULL &&
                     trd_match_add(match, &spec) == 0 &&
                     trd_level_book_set(book, TRD_BUY, -7, 3) == TRD_OK &&
                     trd_level_book_best(book, TRD_BUY, &best) == 1 && best.px == -7 &&
                     best.qty == 3 && trd_itch_size('S') == 12;
    trd_level_book_destroy(book);
    trd_match_destroy(match);
    puts(good ? "good" : "bad");
    return good ? 0 : 1;
}

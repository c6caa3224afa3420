/* world.c - see world.h. */
#include "world.h"

void world_parts_make(world_parts *parts, uint32_t accounts, uint32_t orders) {
    trd_match_def *match = &parts->match;
    trd_accounts_def *books = &parts->accounts;
    trd_risk_def *risk = &parts->risk;
    *match = trd_match_def_default();
    *books = trd_accounts_def_default();
    *risk = trd_risk_def_default();
    match->instruments_max = books->instruments_max = risk->instruments_max = 1;
    match->orders_max = books->orders_max = risk->orders_max = orders;
    match->accounts_max = books->accounts_max = risk->accounts_max = accounts;
    books->assets_max = 2;
    books->balances_max = 2 * accounts;
    books->positions_max = accounts;
    parts->engine = (trd_engine_def){
        .struct_size = sizeof(parts->engine), .match = match, .accounts = books, .risk = risk};
}

trd_command world_open(uint32_t account) {
    return (trd_command){.kind = TRD_COMMAND_ACCOUNT,
        .slots = 1,
        .account = account,
        .u.account = {.action = TRD_ACCOUNT_SET,
            .role = TRD_ROLE_TRADER,
            .margin = TRD_MODE_CASH,
            .enabled = 1}};
}

trd_command world_deposit(uint32_t account, uint32_t asset, trd_amt amount) {
    return (trd_command){.kind = TRD_COMMAND_TRANSFER,
        .slots = 1,
        .account = account,
        .u.transfer = {.action = TRD_TRANSFER_DEPOSIT, .asset = asset, .amount = amount}};
}

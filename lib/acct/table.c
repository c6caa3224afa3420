/* table.c - finds and makes balances and positions; places for unsettled amounts. */
#include "acct/value.h"

/* Appends `number` to a list whose members are linked by the field that `next` of the last one is.
 */
static void list_append(trd_acct_list *list, uint32_t *next_of_last, uint32_t number) {
    if (list->first == 0) {
        list->first = number;
    } else {
        *next_of_last = number;
    }
    list->last = number;
}

uint32_t trd__purse_find(const trd_accounts *a, uint32_t account, uint32_t asset) {
    const uint64_t key = trd__acct_key(account, asset);
    const trd_map_slot *slots = trd__purse_slots(a);
    const uint32_t slot =
        trd__map_find(&a->purse_map, slots, trd__map_home(&a->purse_map, key, 0), key, 0);
    return slot != TRD_MAP_NONE ? trd__map_ref(slots, slot) : 0;
}

uint32_t trd__purse_make(trd_accounts *a, uint32_t account, uint32_t asset) {
    const uint32_t found = trd__purse_find(a, account, asset);
    if (found != 0) {
        return found;
    }
    trd_assert(a->purses < a->def.balances_max);
    const uint32_t number = ++a->purses;
    const uint64_t key = trd__acct_key(account, asset);
    *trd__purse(a, number) = (trd_acct_purse){.account = account, .asset = asset};
    trd__map_put(
        &a->purse_map, trd__purse_slots(a), trd__map_home(&a->purse_map, key, 0), key, 0, number);
    trd_acct_list *of_account = &trd__client(a, account)->purses;
    list_append(of_account, &trd__purse(a, of_account->last)->next_of_account, number);
    trd_acct_list *of_asset = &trd__asset(a, asset)->purses;
    list_append(of_asset, &trd__purse(a, of_asset->last)->next_of_asset, number);
    return number;
}

uint32_t trd__entry_make(trd_accounts *a, uint32_t account, uint32_t instrument, uint32_t side) {
    const uint32_t found = trd__entry_find(a, account, instrument, side);
    if (found != 0) {
        return found;
    }
    trd_assert(a->entries < a->def.positions_max);
    trd_acct_listing *listing = trd__listed(a, instrument);
    const uint32_t settle = trd__purse_make(a, account, listing->settle_asset);
    const uint32_t base =
        trd__delivers_now(listing) ? trd__purse_make(a, account, listing->base_asset) : 0;
    const uint32_t number = ++a->entries;
    const uint64_t key = trd__acct_key(account, instrument);
    *trd__entry(a, number) = (trd_acct_entry){
        .account = account, .instrument = instrument, .side = side, .settle = settle, .base = base};
    trd__map_put(&a->entry_map, trd__entry_slots(a), trd__map_home(&a->entry_map, key, side), key,
        side, number);
    trd_acct_list *of_account = &trd__client(a, account)->entries;
    list_append(of_account, &trd__entry(a, of_account->last)->next_of_account, number);
    list_append(
        &listing->entries, &trd__entry(a, listing->entries.last)->next_of_instrument, number);
    trd__entry_joins(a, number);
    return number;
}

/* --- unsettled amounts ------------------------------------------------------------------------ */

trd_acct_due *trd__due_take(trd_accounts *a, trd_acct_purse *purse) {
    if (purse->due == 0) {
        trd_assert(a->due_free != 0);
        purse->due = a->due_free;
        trd_acct_due *due = trd__due(a, purse->due);
        a->due_free = due->next;
        a->dues++;
        *due = (trd_acct_due){.purse = (uint32_t)(purse - trd__purse(a, 0))};
    }
    return trd__due(a, purse->due);
}

void trd__due_add(trd_accounts *a, trd_acct_purse *purse, unsigned days, trd_amt amount) {
    trd_assert(days >= 1 && days <= TRD_SETTLE_DAYS_MAX);
    trd_assert(amount > 0);
    trd_acct_due *due = trd__due_take(a, purse);
    if (purse->unsettled == 0) {
        due->prev = a->due_list.last;
        due->next = 0;
        list_append(&a->due_list, &trd__due(a, due->prev)->next, purse->due);
    }
    due->in[days - 1] += amount;
    purse->unsettled += amount;
}

/* Takes the purse out of the list of a day if nothing is unsettled any more, and gives its place
 * back if no order could bring some. */
void trd__due_release(trd_accounts *a, trd_acct_purse *purse) {
    trd_acct_due *due = trd__due(a, purse->due);
    if (purse->due == 0 || purse->unsettled != 0) {
        return;
    }
    if (due->prev != 0 || a->due_list.first == purse->due) {
        *(due->prev != 0 ? &trd__due(a, due->prev)->next : &a->due_list.first) = due->next;
        *(due->next != 0 ? &trd__due(a, due->next)->prev : &a->due_list.last) = due->prev;
        due->prev = 0;
        due->next = 0;
    }
    if (due->orders == 0) {
        *due = (trd_acct_due){.next = a->due_free};
        a->due_free = purse->due;
        purse->due = 0;
        a->dues--;
    }
}

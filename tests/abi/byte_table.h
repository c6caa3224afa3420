/* byte_table.h - where each field of each public record is, written by hand from
 * docs/formats/records.md and checked three ways: against the compiler (layout.c), against the
 * page (records.py), and as the encoder of test_formats.c.
 *
 * FIELD(record, type, member, name, offset, width): record and name are those of the page, type and
 * member those of the header. Rows of a record stand in ascending order.
 *
 * Offsets of bodies count from the start of the slot. Every byte of a record belongs to one field.
 */
#ifndef TRD_TESTS_BYTE_TABLE_H
#define TRD_TESTS_BYTE_TABLE_H

/* The head of a base slot; its body is laid out by kind. */
#define COMMAND_HEAD                                                                               \
    FIELD(command, trd_command, seq, "seq", 0, 8)                                                  \
    FIELD(command, trd_command, time, "time", 8, 8)                                                \
    FIELD(command, trd_command, kind, "kind", 16, 1)                                               \
    FIELD(command, trd_command, slots, "slots", 17, 1)                                             \
    FIELD(command, trd_command, flags, "flags", 18, 2)                                             \
    FIELD(command, trd_command, instrument, "instrument", 20, 4)                                   \
    FIELD(command, trd_command, account, "account", 24, 4)                                         \
    FIELD(command, trd_command, actor, "actor", 28, 4)

#define EVENT_HEAD                                                                                 \
    FIELD(event, trd_event, seq, "seq", 0, 8)                                                      \
    FIELD(event, trd_event, time, "time", 8, 8)                                                    \
    FIELD(event, trd_event, kind, "kind", 16, 1)                                                   \
    FIELD(event, trd_event, slots, "slots", 17, 1)                                                 \
    FIELD(event, trd_event, flags, "flags", 18, 2)                                                 \
    FIELD(event, trd_event, instrument, "instrument", 20, 4)                                       \
    FIELD(event, trd_event, account, "account", 24, 4)                                             \
    FIELD(event, trd_event, side, "side", 28, 1)                                                   \
    FIELD(event, trd_event, liquidity, "liquidity", 29, 1)                                         \
    FIELD(event, trd_event, status, "status", 30, 1)                                               \
    FIELD(event, trd_event, reason, "reason", 31, 1)

#define COMMAND_BODIES                                                                             \
    FIELD(order, trd_command, u.order.client_id, "client_id", 32, 8)                               \
    FIELD(order, trd_command, u.order.px, "px", 40, 8)                                             \
    FIELD(order, trd_command, u.order.qty, "qty", 48, 8)                                           \
    FIELD(order, trd_command, u.order.side, "side", 56, 1)                                         \
    FIELD(order, trd_command, u.order.type, "type", 57, 1)                                         \
    FIELD(order, trd_command, u.order.tif, "tif", 58, 1)                                           \
    FIELD(order, trd_command, u.order.stp, "stp", 59, 1)                                           \
    FIELD(order, trd_command, u.order.exec, "exec", 60, 2)                                         \
    FIELD(order, trd_command, u.order.position, "position", 62, 1)                                 \
    FIELD(order, trd_command, u.order.reserved, "reserved", 63, 1)                                 \
    FIELD(cancel, trd_command, u.cancel.target, "target", 32, 8)                                   \
    FIELD(cancel, trd_command, u.cancel.qty, "qty", 40, 8)                                         \
    FIELD(cancel, trd_command, u.cancel.reserved, "reserved", 48, 16)                              \
    FIELD(replace, trd_command, u.replace.target, "target", 32, 8)                                 \
    FIELD(replace, trd_command, u.replace.client_id, "client_id", 40, 8)                           \
    FIELD(replace, trd_command, u.replace.px, "px", 48, 8)                                         \
    FIELD(replace, trd_command, u.replace.qty, "qty", 56, 8)                                       \
    FIELD(mass_cancel, trd_command, u.mass.tag, "tag", 32, 8)                                      \
    FIELD(mass_cancel, trd_command, u.mass.side, "side", 40, 1)                                    \
    FIELD(mass_cancel, trd_command, u.mass.filter, "filter", 41, 1)                                \
    FIELD(mass_cancel, trd_command, u.mass.reserved, "reserved", 42, 22)                           \
    FIELD(quote, trd_command, u.quote.bid_px, "bid_px", 32, 8)                                     \
    FIELD(quote, trd_command, u.quote.bid_qty, "bid_qty", 40, 8)                                   \
    FIELD(quote, trd_command, u.quote.ask_px, "ask_px", 48, 8)                                     \
    FIELD(quote, trd_command, u.quote.ask_qty, "ask_qty", 56, 8)                                   \
    FIELD(price, trd_command, u.price.px, "px", 32, 8)                                             \
    FIELD(price, trd_command, u.price.source, "source", 40, 1)                                     \
    FIELD(price, trd_command, u.price.reserved, "reserved", 41, 23)                                \
    FIELD(subscribe, trd_command, u.subscribe.publish, "publish", 32, 4)                           \
    FIELD(subscribe, trd_command, u.subscribe.reserved, "reserved", 36, 28)                        \
    FIELD(session, trd_command, u.session.state, "state", 32, 1)                                   \
    FIELD(session, trd_command, u.session.reserved, "reserved", 33, 7)                             \
    FIELD(session, trd_command, u.session.until, "until", 40, 8)                                   \
    FIELD(session, trd_command, u.session.seed, "seed", 48, 8)                                     \
    FIELD(session, trd_command, u.session.random, "random", 56, 8)                                 \
    FIELD(account, trd_command, u.account.group, "group", 32, 8)                                   \
    FIELD(account, trd_command, u.account.action, "action", 40, 1)                                 \
    FIELD(account, trd_command, u.account.role, "role", 41, 1)                                     \
    FIELD(account, trd_command, u.account.margin, "margin", 42, 1)                                 \
    FIELD(account, trd_command, u.account.hedge, "hedge", 43, 1)                                   \
    FIELD(account, trd_command, u.account.enabled, "enabled", 44, 1)                               \
    FIELD(account, trd_command, u.account.reserved, "reserved", 45, 3)                             \
    FIELD(account, trd_command, u.account.fees, "fees", 48, 4)                                     \
    FIELD(account, trd_command, u.account.parent, "parent", 52, 4)                                 \
    FIELD(account, trd_command, u.account.leverage, "leverage", 56, 4)                             \
    FIELD(account, trd_command, u.account.reserved1, "reserved1", 60, 4)                           \
    FIELD(transfer, trd_command, u.transfer.amount, "amount", 32, 8)                               \
    FIELD(transfer, trd_command, u.transfer.reference, "reference", 40, 8)                         \
    FIELD(transfer, trd_command, u.transfer.asset, "asset", 48, 4)                                 \
    FIELD(transfer, trd_command, u.transfer.to, "to", 52, 4)                                       \
    FIELD(transfer, trd_command, u.transfer.action, "action", 56, 1)                               \
    FIELD(transfer, trd_command, u.transfer.reserved, "reserved", 57, 7)                           \
    FIELD(limit, trd_command, u.limit.value, "value", 32, 8)                                       \
    FIELD(limit, trd_command, u.limit.window, "window", 40, 8)                                     \
    FIELD(limit, trd_command, u.limit.burst, "burst", 48, 4)                                       \
    FIELD(limit, trd_command, u.limit.limit, "limit", 52, 1)                                       \
    FIELD(limit, trd_command, u.limit.side, "side", 53, 1)                                         \
    FIELD(limit, trd_command, u.limit.scope, "scope", 54, 1)                                       \
    FIELD(limit, trd_command, u.limit.action, "action", 55, 1)                                     \
    FIELD(limit, trd_command, u.limit.name, "name", 56, 8)                                         \
    FIELD(kill, trd_command, u.kill.tag, "tag", 32, 8)                                             \
    FIELD(kill, trd_command, u.kill.scope, "scope", 40, 1)                                         \
    FIELD(kill, trd_command, u.kill.action, "action", 41, 1)                                       \
    FIELD(kill, trd_command, u.kill.cancel, "cancel", 42, 1)                                       \
    FIELD(kill, trd_command, u.kill.reducing, "reducing", 43, 1)                                   \
    FIELD(kill, trd_command, u.kill.reserved, "reserved", 44, 4)                                   \
    FIELD(kill, trd_command, u.kill.reference, "reference", 48, 8)                                 \
    FIELD(kill, trd_command, u.kill.reserved1, "reserved1", 56, 8)                                 \
    FIELD(funding, trd_command, u.funding.rate, "rate", 32, 8)                                     \
    FIELD(funding, trd_command, u.funding.mark, "mark", 40, 8)                                     \
    FIELD(funding, trd_command, u.funding.due, "due", 48, 8)                                       \
    FIELD(funding, trd_command, u.funding.reserved, "reserved", 56, 8)                             \
    FIELD(corporate, trd_command, u.corporate.numerator, "numerator", 32, 8)                       \
    FIELD(corporate, trd_command, u.corporate.denominator, "denominator", 40, 8)                   \
    FIELD(corporate, trd_command, u.corporate.amount, "amount", 48, 8)                             \
    FIELD(corporate, trd_command, u.corporate.asset, "asset", 56, 4)                               \
    FIELD(corporate, trd_command, u.corporate.action, "action", 60, 1)                             \
    FIELD(corporate, trd_command, u.corporate.reserved, "reserved", 61, 3)                         \
    FIELD(deadman, trd_command, u.deadman.timeout, "timeout", 32, 8)                               \
    FIELD(deadman, trd_command, u.deadman.tag, "tag", 40, 8)                                       \
    FIELD(deadman, trd_command, u.deadman.scope, "scope", 48, 1)                                   \
    FIELD(deadman, trd_command, u.deadman.action, "action", 49, 1)                                 \
    FIELD(deadman, trd_command, u.deadman.reserved, "reserved", 50, 14)                            \
    FIELD(protection, trd_command, u.protection.window, "window", 32, 8)                           \
    FIELD(protection, trd_command, u.protection.qty, "qty", 40, 8)                                 \
    FIELD(protection, trd_command, u.protection.amount, "amount", 48, 8)                           \
    FIELD(protection, trd_command, u.protection.fills, "fills", 56, 4)                             \
    FIELD(protection, trd_command, u.protection.action, "action", 60, 1)                           \
    FIELD(protection, trd_command, u.protection.reserved, "reserved", 61, 3)                       \
    FIELD(books, trd_command, u.books.px, "px", 32, 8)                                             \
    FIELD(books, trd_command, u.books.due, "due", 40, 8)                                           \
    FIELD(books, trd_command, u.books.asset, "asset", 48, 4)                                       \
    FIELD(books, trd_command, u.books.numerator, "numerator", 52, 4)                               \
    FIELD(books, trd_command, u.books.denominator, "denominator", 56, 4)                           \
    FIELD(books, trd_command, u.books.action, "action", 60, 1)                                     \
    FIELD(books, trd_command, u.books.reserved, "reserved", 61, 3)

#define EXTENSIONS                                                                                 \
    FIELD(order_prices, trd_ext_prices, seq, "seq", 0, 8)                                          \
    FIELD(order_prices, trd_ext_prices, trigger, "trigger", 8, 8)                                  \
    FIELD(order_prices, trd_ext_prices, kind, "kind", 16, 1)                                       \
    FIELD(order_prices, trd_ext_prices, slots, "slots", 17, 1)                                     \
    FIELD(order_prices, trd_ext_prices, flags, "flags", 18, 2)                                     \
    FIELD(order_prices, trd_ext_prices, source, "source", 20, 1)                                   \
    FIELD(order_prices, trd_ext_prices, offset_unit, "offset_unit", 21, 1)                         \
    FIELD(order_prices, trd_ext_prices, peg, "peg", 22, 1)                                         \
    FIELD(order_prices, trd_ext_prices, reserved0, "reserved0", 23, 1)                             \
    FIELD(order_prices, trd_ext_prices, activation, "activation", 24, 8)                           \
    FIELD(order_prices, trd_ext_prices, offset, "offset", 32, 8)                                   \
    FIELD(order_prices, trd_ext_prices, cap, "cap", 40, 8)                                         \
    FIELD(order_prices, trd_ext_prices, limit_offset, "limit_offset", 48, 8)                       \
    FIELD(order_prices, trd_ext_prices, reserved, "reserved", 56, 8)                               \
    FIELD(order_sizes, trd_ext_sizes, seq, "seq", 0, 8)                                            \
    FIELD(order_sizes, trd_ext_sizes, minimum, "minimum", 8, 8)                                    \
    FIELD(order_sizes, trd_ext_sizes, kind, "kind", 16, 1)                                         \
    FIELD(order_sizes, trd_ext_sizes, slots, "slots", 17, 1)                                       \
    FIELD(order_sizes, trd_ext_sizes, flags, "flags", 18, 2)                                       \
    FIELD(order_sizes, trd_ext_sizes, reserved0, "reserved0", 20, 4)                               \
    FIELD(order_sizes, trd_ext_sizes, peak, "peak", 24, 8)                                         \
    FIELD(order_sizes, trd_ext_sizes, peak_range, "peak_range", 32, 8)                             \
    FIELD(order_sizes, trd_ext_sizes, budget, "budget", 40, 8)                                     \
    FIELD(order_sizes, trd_ext_sizes, seed, "seed", 48, 8)                                         \
    FIELD(order_sizes, trd_ext_sizes, reserved, "reserved", 56, 8)                                 \
    FIELD(order_link, trd_ext_link, seq, "seq", 0, 8)                                              \
    FIELD(order_link, trd_ext_link, link, "link", 8, 8)                                            \
    FIELD(order_link, trd_ext_link, kind, "kind", 16, 1)                                           \
    FIELD(order_link, trd_ext_link, slots, "slots", 17, 1)                                         \
    FIELD(order_link, trd_ext_link, flags, "flags", 18, 2)                                         \
    FIELD(order_link, trd_ext_link, leg, "leg", 20, 1)                                             \
    FIELD(order_link, trd_ext_link, legs, "legs", 21, 1)                                           \
    FIELD(order_link, trd_ext_link, relation, "relation", 22, 1)                                   \
    FIELD(order_link, trd_ext_link, race, "race", 23, 1)                                           \
    FIELD(order_link, trd_ext_link, expiry, "expiry", 24, 8)                                       \
    FIELD(order_link, trd_ext_link, tag, "tag", 32, 8)                                             \
    FIELD(order_link, trd_ext_link, parent, "parent", 40, 8)                                       \
    FIELD(order_link, trd_ext_link, group, "group", 48, 8)                                         \
    FIELD(order_link, trd_ext_link, owner, "owner", 56, 4)                                         \
    FIELD(order_link, trd_ext_link, reserved, "reserved", 60, 4)                                   \
    FIELD(exec, trd_ext_exec, seq, "seq", 0, 8)                                                    \
    FIELD(exec, trd_ext_exec, client_id, "client_id", 8, 8)                                        \
    FIELD(exec, trd_ext_exec, kind, "kind", 16, 1)                                                 \
    FIELD(exec, trd_ext_exec, slots, "slots", 17, 1)                                               \
    FIELD(exec, trd_ext_exec, flags, "flags", 18, 2)                                               \
    FIELD(exec, trd_ext_exec, contra_account, "contra_account", 20, 4)                             \
    FIELD(exec, trd_ext_exec, cum, "cum", 24, 8)                                                   \
    FIELD(exec, trd_ext_exec, prevented, "prevented", 32, 8)                                       \
    FIELD(exec, trd_ext_exec, contra, "contra", 40, 8)                                             \
    FIELD(exec, trd_ext_exec, command_seq, "command_seq", 48, 8)                                   \
    FIELD(exec, trd_ext_exec, tag, "tag", 56, 8)                                                   \
    FIELD(decision, trd_ext_decision, seq, "seq", 0, 8)                                            \
    FIELD(decision, trd_ext_decision, client_id, "client_id", 8, 8)                                \
    FIELD(decision, trd_ext_decision, kind, "kind", 16, 1)                                         \
    FIELD(decision, trd_ext_decision, slots, "slots", 17, 1)                                       \
    FIELD(decision, trd_ext_decision, flags, "flags", 18, 2)                                       \
    FIELD(decision, trd_ext_decision, asset, "asset", 20, 4)                                       \
    FIELD(decision, trd_ext_decision, value, "value", 24, 8)                                       \
    FIELD(decision, trd_ext_decision, free_before, "free_before", 32, 8)                           \
    FIELD(decision, trd_ext_decision, free_after, "free_after", 40, 8)                             \
    FIELD(decision, trd_ext_decision, order, "order", 48, 8)                                       \
    FIELD(decision, trd_ext_decision, command_seq, "command_seq", 56, 8)                           \
    FIELD(text, trd_ext_text, seq, "seq", 0, 8)                                                    \
    FIELD(text, trd_ext_text, reserved0, "reserved0", 8, 8)                                        \
    FIELD(text, trd_ext_text, kind, "kind", 16, 1)                                                 \
    FIELD(text, trd_ext_text, slots, "slots", 17, 1)                                               \
    FIELD(text, trd_ext_text, flags, "flags", 18, 2)                                               \
    FIELD(text, trd_ext_text, size, "size", 20, 4)                                                 \
    FIELD(text, trd_ext_text, text, "text", 24, 40)                                                \
    FIELD(table_row, trd_ext_row, seq, "seq", 0, 8)                                                \
    FIELD(table_row, trd_ext_row, key, "key", 8, 8)                                                \
    FIELD(table_row, trd_ext_row, kind, "kind", 16, 1)                                             \
    FIELD(table_row, trd_ext_row, slots, "slots", 17, 1)                                           \
    FIELD(table_row, trd_ext_row, flags, "flags", 18, 2)                                           \
    FIELD(table_row, trd_ext_row, table, "table", 20, 4)                                           \
    FIELD(table_row, trd_ext_row, value[0], "value0", 24, 8)                                       \
    FIELD(table_row, trd_ext_row, value[1], "value1", 32, 8)                                       \
    FIELD(table_row, trd_ext_row, value[2], "value2", 40, 8)                                       \
    FIELD(table_row, trd_ext_row, value[3], "value3", 48, 8)                                       \
    FIELD(table_row, trd_ext_row, value[4], "value4", 56, 8)

#define EVENT_BODIES                                                                               \
    FIELD(ev_order, trd_event, u.order.client_id, "client_id", 32, 8)                              \
    FIELD(ev_order, trd_event, u.order.order, "order", 40, 8)                                      \
    FIELD(ev_order, trd_event, u.order.px, "px", 48, 8)                                            \
    FIELD(ev_order, trd_event, u.order.qty, "qty", 56, 8)                                          \
    FIELD(ev_fill, trd_event, u.fill.order, "order", 32, 8)                                        \
    FIELD(ev_fill, trd_event, u.fill.px, "px", 40, 8)                                              \
    FIELD(ev_fill, trd_event, u.fill.qty, "qty", 48, 8)                                            \
    FIELD(ev_fill, trd_event, u.fill.leaves, "leaves", 56, 8)                                      \
    FIELD(ev_cancel, trd_event, u.cancel.client_id, "client_id", 32, 8)                            \
    FIELD(ev_cancel, trd_event, u.cancel.order, "order", 40, 8)                                    \
    FIELD(ev_cancel, trd_event, u.cancel.qty, "qty", 48, 8)                                        \
    FIELD(ev_cancel, trd_event, u.cancel.cum, "cum", 56, 8)                                        \
    FIELD(ev_trigger, trd_event, u.trigger.client_id, "client_id", 32, 8)                          \
    FIELD(ev_trigger, trd_event, u.trigger.order, "order", 40, 8)                                  \
    FIELD(ev_trigger, trd_event, u.trigger.trigger, "trigger", 48, 8)                              \
    FIELD(ev_trigger, trd_event, u.trigger.reference, "reference", 56, 8)                          \
    FIELD(ev_prevent, trd_event, u.prevent.order, "order", 32, 8)                                  \
    FIELD(ev_prevent, trd_event, u.prevent.contra, "contra", 40, 8)                                \
    FIELD(ev_prevent, trd_event, u.prevent.qty, "qty", 48, 8)                                      \
    FIELD(ev_prevent, trd_event, u.prevent.leaves, "leaves", 56, 8)                                \
    FIELD(ev_restate, trd_event, u.restate.order, "order", 32, 8)                                  \
    FIELD(ev_restate, trd_event, u.restate.px, "px", 40, 8)                                        \
    FIELD(ev_restate, trd_event, u.restate.displayed, "displayed", 48, 8)                          \
    FIELD(ev_restate, trd_event, u.restate.leaves, "leaves", 56, 8)                                \
    FIELD(ev_level, trd_event, u.level.px, "px", 32, 8)                                            \
    FIELD(ev_level, trd_event, u.level.qty, "qty", 40, 8)                                          \
    FIELD(ev_level, trd_event, u.level.count, "count", 48, 4)                                      \
    FIELD(ev_level, trd_event, u.level.reserved0, "reserved0", 52, 4)                              \
    FIELD(ev_level, trd_event, u.level.reserved, "reserved", 56, 8)                                \
    FIELD(ev_public, trd_event, u.displayed.order, "order", 32, 8)                                 \
    FIELD(ev_public, trd_event, u.displayed.px, "px", 40, 8)                                       \
    FIELD(ev_public, trd_event, u.displayed.qty, "qty", 48, 8)                                     \
    FIELD(ev_public, trd_event, u.displayed.changed, "changed", 56, 8)                             \
    FIELD(ev_tape, trd_event, u.tape.px, "px", 32, 8)                                              \
    FIELD(ev_tape, trd_event, u.tape.qty, "qty", 40, 8)                                            \
    FIELD(ev_tape, trd_event, u.tape.trade, "trade", 48, 8)                                        \
    FIELD(ev_tape, trd_event, u.tape.reserved, "reserved", 56, 8)                                  \
    FIELD(ev_session, trd_event, u.session.state, "state", 32, 1)                                  \
    FIELD(ev_session, trd_event, u.session.former, "former", 33, 1)                                \
    FIELD(ev_session, trd_event, u.session.cause, "cause", 34, 1)                                  \
    FIELD(ev_session, trd_event, u.session.reserved, "reserved", 35, 5)                            \
    FIELD(ev_session, trd_event, u.session.until, "until", 40, 8)                                  \
    FIELD(ev_session, trd_event, u.session.reserved1, "reserved1", 48, 16)                         \
    FIELD(ev_auction, trd_event, u.auction.px, "px", 32, 8)                                        \
    FIELD(ev_auction, trd_event, u.auction.volume, "volume", 40, 8)                                \
    FIELD(ev_auction, trd_event, u.auction.imbalance, "imbalance", 48, 8)                          \
    FIELD(ev_auction, trd_event, u.auction.final, "final", 56, 1)                                  \
    FIELD(ev_auction, trd_event, u.auction.priced, "priced", 57, 1)                                \
    FIELD(ev_auction, trd_event, u.auction.reserved, "reserved", 58, 6)                            \
    FIELD(ev_ledger, trd_event, u.ledger.amount, "amount", 32, 8)                                  \
    FIELD(ev_ledger, trd_event, u.ledger.balance, "balance", 40, 8)                                \
    FIELD(ev_ledger, trd_event, u.ledger.reference, "reference", 48, 8)                            \
    FIELD(ev_ledger, trd_event, u.ledger.asset, "asset", 56, 4)                                    \
    FIELD(ev_ledger, trd_event, u.ledger.entry, "entry", 60, 2)                                    \
    FIELD(ev_ledger, trd_event, u.ledger.part, "part", 62, 2)                                      \
    FIELD(ev_position, trd_event, u.position.qty, "qty", 32, 8)                                    \
    FIELD(ev_position, trd_event, u.position.cost, "cost", 40, 8)                                  \
    FIELD(ev_position, trd_event, u.position.realised, "realised", 48, 8)                          \
    FIELD(ev_position, trd_event, u.position.position, "position", 56, 1)                          \
    FIELD(ev_position, trd_event, u.position.reserved, "reserved", 57, 7)                          \
    FIELD(ev_margin, trd_event, u.margin.equity, "equity", 32, 8)                                  \
    FIELD(ev_margin, trd_event, u.margin.maintenance, "maintenance", 40, 8)                        \
    FIELD(ev_margin, trd_event, u.margin.mark, "mark", 48, 8)                                      \
    FIELD(ev_margin, trd_event, u.margin.asset, "asset", 56, 4)                                    \
    FIELD(ev_margin, trd_event, u.margin.former, "former", 60, 1)                                  \
    FIELD(ev_margin, trd_event, u.margin.position, "position", 61, 1)                              \
    FIELD(ev_margin, trd_event, u.margin.unit, "unit", 62, 1)                                      \
    FIELD(ev_margin, trd_event, u.margin.reserved, "reserved", 63, 1)                              \
    FIELD(ev_liquidation, trd_event, u.liquidation.qty, "qty", 32, 8)                              \
    FIELD(ev_liquidation, trd_event, u.liquidation.px, "px", 40, 8)                                \
    FIELD(ev_liquidation, trd_event, u.liquidation.amount, "amount", 48, 8)                        \
    FIELD(ev_liquidation, trd_event, u.liquidation.contra, "contra", 56, 4)                        \
    FIELD(ev_liquidation, trd_event, u.liquidation.position, "position", 60, 1)                    \
    FIELD(ev_liquidation, trd_event, u.liquidation.unit, "unit", 61, 1)                            \
    FIELD(ev_liquidation, trd_event, u.liquidation.asset, "asset", 62, 2)                          \
    FIELD(ev_decision, trd_event, u.decision.measured, "measured", 32, 8)                          \
    FIELD(ev_decision, trd_event, u.decision.limit, "limit", 40, 8)                                \
    FIELD(ev_decision, trd_event, u.decision.need, "need", 48, 8)                                  \
    FIELD(ev_decision, trd_event, u.decision.actor, "actor", 56, 4)                                \
    FIELD(ev_decision, trd_event, u.decision.scope, "scope", 60, 1)                                \
    FIELD(ev_decision, trd_event, u.decision.ask, "ask", 61, 1)                                    \
    FIELD(ev_decision, trd_event, u.decision.marks, "marks", 62, 1)                                \
    FIELD(ev_decision, trd_event, u.decision.command, "command", 63, 1)

#define SLOT_FIELDS COMMAND_HEAD EVENT_HEAD COMMAND_BODIES EXTENSIONS EVENT_BODIES

#endif

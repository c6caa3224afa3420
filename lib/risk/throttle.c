/* throttle.c - messages and executions, counted in time.
 *
 * The token bucket is kept as one number, the time T at which it is full again, in units of 1 / n
 * ns for n messages per window: there a message costs one window, whatever n is, and nothing is
 * rounded. Of fixed windows the end of the current one is kept, so that only the first message of a
 * window divides. */
#include "risk/state.h"

#include <string.h>

/* Before every time, in every unit. */
#define LONG_AGO (-((trd_wide)1 << 126))

/* --- messages --------------------------------------------------------------------------------- */

void trd__messages_begin(trd_risk_node *node) {
    node->theory = LONG_AGO;
    node->message_count = 0;
}

static int64_t rate_of(const trd_risk_node *node) {
    return node->value[TRD_LIMIT_MESSAGES - 1];
}

/* The end of the window that a time lies in. */
static trd_wide end_of_window(const trd_risk_node *node, trd_ns now) {
    const int64_t window = now / node->period - (now % node->period < 0);
    return ((trd_wide)window + 1) * node->period;
}

static trd_noinline bool bucket_takes(const trd_risk_node *node, trd_ns now) {
    const trd_wide ahead = node->theory - trd__mul(now, rate_of(node));
    return ahead <= trd__mul((int64_t)node->burst - 1, node->period);
}

static trd_noinline void bucket_counts(trd_risk_node *node, trd_ns now) {
    const trd_wide at = trd__mul(now, rate_of(node));
    node->theory = (node->theory > at ? node->theory : at) + node->period;
}

static trd_noinline void window_begins(trd_risk_node *node, trd_ns now) {
    node->theory = end_of_window(node, now);
    node->message_count = 0;
}

trd_inline bool takes(const trd_risk_node *node, trd_ns now) {
    if ((node->mask & trd__bit(TRD_LIMIT_MESSAGES)) == 0) {
        return true;
    }
    const int64_t n = rate_of(node);
    if (n == 0) {
        return false;
    }
    return node->burst != 0 ? bucket_takes(node, now)
                            : node->message_count < n || now >= node->theory;
}

trd_inline void count(trd_risk_node *node, trd_ns now) {
    if ((node->mask & trd__bit(TRD_LIMIT_MESSAGES)) == 0) {
        return;
    }
    if (node->burst != 0) {
        bucket_counts(node, now);
        return;
    }
    if (trd_unlikely(now >= node->theory)) {
        window_begins(node, now);
    }
    node->message_count += node->message_count < UINT32_MAX;
}

static bool message_is_good(const trd_risk *risk, const trd_message *m) {
    static const uint8_t zero[sizeof(m->reserved)] = {0};
    return m != NULL && m->account < risk->def.accounts_max && m->cancels <= 1 &&
           m->override <= 1 && memcmp(m->reserved, zero, sizeof(zero)) == 0;
}

static trd_noinline trd_risk_node *node_of(trd_risk *risk, const trd_message *m, unsigned scope) {
    switch (scope) {
    case TRD_LIMIT_ACCOUNT:
        return trd__risk_account(risk, m->account);
    case TRD_LIMIT_ACTOR:
        return trd__actor_node(risk, m->actor);
    default:
        return trd__tag_node(risk, m->tag);
    }
}

int trd_risk_message(trd_risk *risk, const trd_message *message) {
    if (!message_is_good(risk, message)) {
        return TRD_E_ARG;
    }
    trd_risk_node *nodes[TRD_LIMIT_TAG]; /* of the scopes that have throttles */
    unsigned node_count = 0;
    bool passes = true;
    for (uint32_t left = risk->scopes_of[TRD_LIMIT_MESSAGES]; left != 0; left &= left - 1) {
        const unsigned scope = (unsigned)__builtin_ctz(left) + 1;
        trd_risk_node *node = scope == TRD_LIMIT_FIRM ? &risk->firm : node_of(risk, message, scope);
        passes &= takes(node, message->now);
        nodes[node_count++] = node;
    }
    if (!passes && message->cancels == 0 &&
        (message->override == 0 ||
            !trd__may(risk, message->actor, message->account, TRD_MAY_CONFIGURE))) {
        return TRD_REJECT_MESSAGES;
    }
    for (unsigned i = 0; i < node_count; i++) {
        count(nodes[i], message->now);
    }
    return TRD_OK;
}

/* --- executions ------------------------------------------------------------------------------- */

/* Counts one; true if the node has latched by it. */
static bool execute(trd_risk_node *node, trd_ns now) {
    if ((node->mask & trd__bit(TRD_LIMIT_EXECUTIONS)) == 0) {
        return false;
    }
    if (node->executed_count == 0 || (trd_wide)now - node->executed_from >= node->window) {
        node->executed_from = now;
        node->executed_count = 0;
    }
    node->executed_count += node->executed_count < UINT32_MAX;
    if (node->executed_count <= node->value[TRD_LIMIT_EXECUTIONS - 1] ||
        (node->mask & trd__bit(TRD_RISK_LATCHED)) != 0) {
        return false;
    }
    node->mask |= trd__bit(TRD_RISK_LATCHED);
    return true;
}

int trd_risk_executed(trd_risk *risk, uint32_t account, uint64_t tag, trd_ns now) {
    if (account >= risk->def.accounts_max) {
        return TRD_E_ARG;
    }
    if (risk->scopes_of[TRD_LIMIT_EXECUTIONS] == 0) {
        return TRD_OK;
    }
    const bool by_account = execute(trd__risk_account(risk, account), now);
    const bool by_tag = execute(trd__tag_node(risk, tag), now);
    return by_account || by_tag;
}

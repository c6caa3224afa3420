/* life_features.c - what a record needs, and the names of features. */
#include "life.h"

#include <string.h>

static uint32_t type_needs(uint8_t type) {
    switch (type) {
    case TRD_TYPE_MARKET_PROTECTED:
    case TRD_TYPE_MARKET_TO_LIMIT:
        return LIFE_PRICED;
    case TRD_TYPE_STOP:
    case TRD_TYPE_STOP_LIMIT:
    case TRD_TYPE_TOUCHED:
    case TRD_TYPE_TOUCHED_LIMIT:
        return LIFE_TRIGGER;
    case TRD_TYPE_TRAILING_STOP:
    case TRD_TYPE_TRAILING_STOP_LIMIT:
        return LIFE_TRAIL;
    case TRD_TYPE_PEGGED:
        return LIFE_PEG;
    default:
        return 0;
    }
}

static uint32_t tif_needs(uint8_t tif) {
    switch (tif) {
    case TRD_TIF_DAY:
    case TRD_TIF_GTD:
    case TRD_TIF_GFN:
        return LIFE_TIF;
    case TRD_TIF_AT_OPEN:
    case TRD_TIF_AT_CLOSE:
    case TRD_TIF_GFA:
        return LIFE_SESSION;
    case TRD_TIF_GTT:
        return LIFE_TRIGGER;
    default:
        return 0;
    }
}

static uint32_t exec_needs(uint16_t exec) {
    static const uint32_t needs[10] = {0, LIFE_SLIDE, LIFE_REDUCE, LIFE_REDUCE, LIFE_HIDDEN,
        LIFE_AON, LIFE_SINGLE, LIFE_ICEBERG, LIFE_ICEBERG, LIFE_BUDGET};
    uint32_t sum = 0;
    for (unsigned bit = 0; bit < 10; bit++) {
        sum |= (exec >> bit & 1) != 0 ? needs[bit] : 0;
    }
    return sum;
}

static uint32_t prices_need(const trd_new *n) {
    const uint32_t needs = type_needs(n->type);
    return needs != 0 ? needs : LIFE_PRICED;
}

static uint32_t sizes_need(const trd_command *at) {
    trd_ext_sizes s;
    memcpy(&s, at, sizeof(s));
    return (s.peak != 0 || s.peak_range != 0 || s.seed != 0 ? LIFE_ICEBERG : 0u) |
           (s.budget != 0 ? LIFE_BUDGET : 0u);
}

static uint32_t link_needs(const trd_command *at, const trd_new *n) {
    trd_ext_link link;
    memcpy(&link, at, sizeof(link));
    const bool dated = n->tif == TRD_TIF_GTD || n->tif == TRD_TIF_GTT;
    const bool bare = link.tag == 0 && link.group == 0 && link.parent == 0;
    if (link.link != 0) {
        return LIFE_LINKED | (bare ? 0u : (uint32_t)LIFE_LINK);
    }
    return dated && bare ? tif_needs(n->tif) : LIFE_LINK;
}

static uint32_t new_needs(const trd_command *c) {
    const trd_new *n = &c->u.order;
    uint32_t needs = type_needs(n->type) | tif_needs(n->tif) | exec_needs(n->exec);
    needs |= n->stp != 0 ? LIFE_STP : 0;
    needs |= n->position != 0 ? LIFE_REDUCE : 0;
    for (uint32_t i = 1; i < naive_stride(c); i++) {
        needs |= c[i].kind == TRD_EXT_ORDER_PRICES ? prices_need(n) : 0;
        needs |= c[i].kind == TRD_EXT_ORDER_SIZES ? sizes_need(&c[i]) : 0;
        needs |= c[i].kind == TRD_EXT_ORDER_LINK ? link_needs(&c[i], n) : 0;
    }
    return needs;
}

uint32_t life_needs(const trd_command *record, uint32_t slots) {
    uint32_t needs = 0;
    for (uint32_t at = 0; at < slots; at += naive_stride(&record[at])) {
        const trd_command *c = &record[at];
        switch (c->kind) {
        case TRD_COMMAND_NEW:
            needs |= new_needs(c);
            break;
        case TRD_COMMAND_MASS_CANCEL:
            needs |= LIFE_MASS;
            break;
        case TRD_COMMAND_SESSION:
            needs |= LIFE_SESSION;
            break;
        case TRD_COMMAND_PRICE:
            needs |= LIFE_PRICE;
            break;
        case TRD_COMMAND_KILL:
            needs |= LIFE_KILL;
            break;
        case TRD_COMMAND_DEADMAN:
            needs |= LIFE_DEADMAN;
            break;
        case TRD_COMMAND_QUOTE:
        case TRD_COMMAND_PROTECTION:
            needs |= LIFE_QUOTE;
            break;
        default:
            break;
        }
    }
    return needs;
}

static bool feature_named(const char *name, size_t size, uint32_t *out) {
    static const struct {
        const char *name;
        uint32_t features;
    } all[] = {
#define LIFE_ROW(feature, bit, text) {text, LIFE_##feature},
        LIFE_FEATURES(LIFE_ROW)
#undef LIFE_ROW
            {"plain", LIFE_PLAIN},
        {"special", LIFE_ALL_SPECIAL},
        {"session", LIFE_ALL_SESSION},
        {"mass", LIFE_ALL_MASS},
        {"all", LIFE_ALL},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (strlen(all[i].name) == size && memcmp(all[i].name, name, size) == 0) {
            *out = all[i].features;
            return true;
        }
    }
    return false;
}

bool life_features(const char *text, uint32_t *out) {
    *out = text[0] == '-' ? (uint32_t)LIFE_ALL : LIFE_PLAIN;
    while (true) {
        const size_t size = strcspn(text, ",");
        const bool away = text[0] == '-';
        uint32_t features;
        if (!feature_named(text + away, size - away, &features)) {
            return false;
        }
        *out = away ? *out & ~features : *out | features;
        if (text[size] == '\0') {
            return true;
        }
        text += size + 1;
    }
}

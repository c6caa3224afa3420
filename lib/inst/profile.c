/* profile.c - is a profile one that can be matched by? */
#include <tradsys/profile.h>

#include <tradsys/command.h>

#include "core/compiler.h"

enum { BASIS_POINTS = 10000, SLICES = 16 };

int trd_profile_ties(trd_profile *profile, unsigned preset) {
    static const uint8_t chains[][TRD_TIES_MAX] = {
        [TRD_TIES_NSE] = {TRD_TIE_IMBALANCE, TRD_TIE_REFERENCE},
        [TRD_TIES_NASDAQ] = {TRD_TIE_IMBALANCE, TRD_TIE_REFERENCE},
        [TRD_TIES_LSE] = {TRD_TIE_IMBALANCE, TRD_TIE_PRESSURE, TRD_TIE_REFERENCE},
        [TRD_TIES_VEGA] = {TRD_TIE_MIDDLE},
    };
    if (profile == NULL || preset < TRD_TIES_NSE || preset > TRD_TIES_VEGA) {
        return TRD_E_ARG;
    }
    for (int i = 0; i < TRD_TIES_MAX; i++) {
        profile->ties[i] = chains[preset][i];
    }
    return TRD_OK;
}

static bool ties_are_good(const trd_profile *profile) {
    bool ended = false;
    for (int i = 0; i < TRD_TIES_MAX; i++) {
        if (profile->ties[i] > TRD_TIE_LOWEST || (ended && profile->ties[i] != TRD_TIE_NONE)) {
            return false;
        }
        ended = profile->ties[i] == TRD_TIE_NONE;
    }
    return true;
}

static bool allocation_is_good(const trd_profile *profile) {
    return profile->allocation <= TRD_ALLOCATE_PRORATA && profile->fifo_percent <= 100 &&
           profile->prorata_min >= 0 && profile->top_min >= 0 && profile->top_max >= 0;
}

static bool lead_makers_are_good(const trd_profile *profile) {
    uint32_t sum = 0;
    for (int i = 0; i < TRD_LEAD_MAKERS_MAX; i++) {
        const trd_lead_maker *lead = &profile->lead[i];
        if (lead->percent > 100 || (lead->percent == 0 && lead->account != 0)) {
            return false;
        }
        sum += lead->percent;
        for (int k = 0; k < i; k++) {
            if (lead->percent != 0 && profile->lead[k].percent != 0 &&
                profile->lead[k].account == lead->account) {
                return false;
            }
        }
    }
    return sum <= 100;
}

static bool band_is_good(const trd_profile *profile) {
    const uint8_t source = profile->band_source;
    if (profile->band_action == 0) {
        return source == 0 && profile->band_whole == 0 && profile->band_below == 0 &&
               profile->band_above == 0 && profile->limit_wait == 0;
    }
    return profile->band_action <= TRD_BAND_CANCEL && profile->band_whole <= 1 &&
           (source == TRD_SOURCE_LAST || source == TRD_SOURCE_MARK || source == TRD_SOURCE_INDEX) &&
           profile->band_below <= BASIS_POINTS && profile->band_above <= BASIS_POINTS;
}

static bool pauses_are_good(const trd_profile *profile) {
    const bool waits = profile->limit_wait != 0;
    const bool breaks = profile->breaker_window != 0;
    return profile->limit_auction <= 1 && profile->limit_wait >= 0 &&
           (waits ? profile->limit_pause > 0
                  : profile->limit_pause == 0 && profile->limit_auction == 0) &&
           (breaks ? profile->breaker_window >= SLICES && profile->breaker_pause > 0 &&
                         profile->breaker_variation >= 1 &&
                         profile->breaker_variation <= BASIS_POINTS
                   : profile->breaker_pause == 0 && profile->breaker_variation == 0);
}

int trd_profile_check(const trd_profile *profile) {
    return profile != NULL && profile->struct_size == sizeof(*profile) && profile->reserved == 0 &&
                   profile->reserved1 == 0 && allocation_is_good(profile) &&
                   ties_are_good(profile) && lead_makers_are_good(profile) &&
                   band_is_good(profile) && pauses_are_good(profile)
               ? TRD_OK
               : TRD_E_ARG;
}

/* tradsys.h - all stable headers of libtradsys. Codecs are opt-in: <tradsys/codec/...>. */
#ifndef TRADSYS_TRADSYS_H
#define TRADSYS_TRADSYS_H

#include <tradsys/account.h>
#include <tradsys/base.h>
#include <tradsys/book.h>
#include <tradsys/command.h>
#include <tradsys/engine.h>
#include <tradsys/event.h>
#include <tradsys/export.h>
#include <tradsys/instrument.h>
#include <tradsys/journal.h>
#include <tradsys/margin.h>
#include <tradsys/match.h>
#include <tradsys/monitor.h>
#include <tradsys/order.h>
#include <tradsys/profile.h>
#include <tradsys/risk.h>
#include <tradsys/seal.h>
#include <tradsys/snapshot.h>
#include <tradsys/text.h>

#endif

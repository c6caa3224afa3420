/* engine.h - the engine's box, for the two sources that it has. */
#ifndef TRADSYS_BINDINGS_ENGINE_H
#define TRADSYS_BINDINGS_ENGINE_H

#include "bindings/inner.h"

struct trb_engine {
    trb__work work;
    trd_snapshot_writer *writer; /* NULL until a snapshot is begun */
    trd_exporter *exporter;
};

static inline trd_engine *trb__engine(const trb_engine *engine) {
    return engine->work.object;
}

#endif

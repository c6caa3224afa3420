/* consumer_io.c - a program of somebody else that keeps a journal in the directory it is given. */
#include <stdio.h>

#include <tradsys/io/journal.h>

static int write_one(const char *directory) {
    trd_journal_def def = trd_journal_def_default();
    trd_journal_status status;
    trd_journal_writer *writer;
    trd_command command = TRD_ZERO;
    def.directory = directory;
    def.segment_size = TRD_JOURNAL_SIZE_MIN;
    def.batch_size = 8192;
    command.seq = 1;
    command.kind = TRD_COMMAND_TIMER;
    command.slots = 1;
    return trd_journal_writer_open(&def, &status, &writer) == TRD_OK &&
           trd_journal_append(writer, &command, 1) == TRD_OK &&
           trd_journal_flush(writer) == TRD_OK && trd_journal_acknowledged(writer) == 1 &&
           trd_journal_writer_close(writer) == TRD_OK;
}

static int read_one(const char *directory) {
    trd_journal_reading def = trd_journal_reading_default();
    trd_journal_status status;
    trd_journal_reader *reader;
    const trd_journal_frame *frame;
    uint64_t commands = 0;
    def.directory = directory;
    if (trd_journal_reader_open(&def, &status, &reader) != TRD_OK) {
        return 0;
    }
    while (trd_journal_reader_next(reader, &frame) == 1) {
        commands += frame->count;
    }
    trd_journal_reader_close(reader);
    return commands == 1;
}

int main(int argc, char **argv) {
    const int good = argc == 2 && write_one(argv[1]) && read_one(argv[1]);
    puts(good ? "good" : "bad");
    return good ? 0 : 1;
}

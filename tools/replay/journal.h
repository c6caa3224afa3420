/* journal.h - tradsys-replay journal: a journal replayed through an engine. */
#ifndef REPLAY_JOURNAL_H
#define REPLAY_JOURNAL_H

/* journal_main gets the command line behind the program's name: argv[0] is the word. An exit code.
 */
int journal_main(int argc, char **argv);

#endif

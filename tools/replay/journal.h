/* journal.h - tradsys-replay journal and tradsys-replay diff: journals replayed through an engine.
 */
#ifndef REPLAY_JOURNAL_H
#define REPLAY_JOURNAL_H

/* Both get the command line behind the program's name: argv[0] is the word. An exit code. */
int journal_main(int argc, char **argv);
int diff_main(int argc, char **argv);

#endif

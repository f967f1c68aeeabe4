// What makes the data outlive the process: a log of every change on the volume, replayed at start. Its
// records are RESP commands with the effect of a change, not the change itself (INCR is recorded as SET), and
// with absolute times, so that replaying them gives the same data at any later time.
#ifndef JOURNAL_H
#define JOURNAL_H

#include "../shared/slice.h"
#include <stdint.h>

// Replays the log in the folder into the table and opens it for more; exits when that is impossible. An
// unfinished record at the end, which is what a killed process leaves, is cut off: nobody was told that it
// was done.
void journal_open(const char *folder);

// Note a change. It is on disk after journal_commit, and must not be confirmed to anybody before that.
void journal_set(struct slice key, struct slice value, int64_t expires);
void journal_remove(struct slice key);
void journal_expire(struct slice key, int64_t expires); // 0 for never
void journal_clear(void);

// Writes what has been noted and syncs, once for all; exits when the disk does not take it, because
// confirming what may be lost would be worse. Rewrites the log from the table when most of it is outdated.
void journal_commit(void);

int64_t journal_size(void);

#endif

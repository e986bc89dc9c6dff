// The parts of a round; each fails by exit.
#ifndef LOAD_H
#define LOAD_H

#include <sys/types.h>

void need(int condition, const char *what);
void reap(pid_t child);

// load_processes.c
void processes(void);
void threads(void);
void signals(void);
void timers(void);
void killed_waits(void);
void killed_makers(void);

// load_files.c
void pipes(void);
void files(void);
void locks(void);
void names(void);
void watching(void);
void memory(void);
void proc_files(void);

// load_messages.c
void tcp(void);
void datagrams(void);
void passing(void);
void polling(void);
void terminals(void);
void system_v(void);
void queues(void);

#endif

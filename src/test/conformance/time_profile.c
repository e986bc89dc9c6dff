// A timer of CPU time tells the thread that uses it, and leaves others asleep.
#include "check.h"
#include <pthread.h>
#include <sys/time.h>

enum { ENOUGH = 6 };

static volatile sig_atomic_t by_hog;
static volatile sig_atomic_t by_others;
static volatile pid_t hog_id;

static void handle(int number) {
  (void)number;
  if (gettid() == hog_id) {
    by_hog++;
  } else {
    by_others++;
  }
}

static void *hog(void *ignored) {
  hog_id = gettid();
  while (by_hog + by_others < ENOUGH) {
  }
  return ignored;
}

static void *sleeper(void *ignored) {
  SHOW(pause());
  return ignored;
}

static void profile(const char *what, int timer, int number) {
  struct sigaction action = {.sa_handler = handle};
  sigaction(number, &action, NULL);
  by_hog = 0;
  by_others = 0;
  struct itimerval value = {{0, 50000}, {0, 50000}};
  pthread_t thread;
  need(pthread_create(&thread, NULL, hog, NULL) == 0, "a thread");
  SHOW(setitimer(timer, &value, NULL));
  pthread_join(thread, NULL);
  memset(&value, 0, sizeof value);
  setitimer(timer, &value, NULL);
  say("%s: all by the one that runs: %d", what, by_others == 0);
}

static void *nothing(void *ignored) {
  return ignored;
}

// The timer expires while threads come and go.
static void churn(void) {
  struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
  sigaction(SIGPROF, &action, NULL);
  struct itimerval value = {{0, 1000}, {0, 1000}};
  SHOW(setitimer(ITIMER_PROF, &value, NULL));
  for (int i = 0; i < 500; i++) {
    pthread_t thread;
    need(pthread_create(&thread, NULL, nothing, NULL) == 0, "a thread");
    pthread_join(thread, NULL);
  }
  memset(&value, 0, sizeof value);
  SHOW(setitimer(ITIMER_PROF, &value, NULL));
}

int main(void) {
  churn();
  pthread_t thread;
  need(pthread_create(&thread, NULL, sleeper, NULL) == 0, "a thread");
  profile("prof", ITIMER_PROF, SIGPROF);
  profile("virtual", ITIMER_VIRTUAL, SIGVTALRM);
  return 0;
}

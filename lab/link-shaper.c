/* link-shaper NEAR FAR DELAY_US LOSS_PPM RATE_KBIT
 * Joins two tap devices of the network namespace that it runs in, as a bad cable would: in each direction every frame is
 * held for DELAY_US microseconds, lost with a probability of LOSS_PPM in a million, and sent at RATE_KBIT kbit/s (0: no
 * limit) through a queue of 100 ms. Says "ready" when both devices exist, runs until killed; the devices go with it.
 * Stands in for netem where the kernel has none. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000ull
#define QUEUE_NS (SECOND / 10)

struct frame { struct frame *next; uint64_t due; int length; unsigned char data[]; };
struct direction { struct frame *head, *tail; uint64_t wire_free; };

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * SECOND + t.tv_nsec;
}

static void die(const char *what) { perror(what); exit(1); }

static int tap(const char *name) {
  struct ifreq request;
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) die("/dev/net/tun");
  memset(&request, 0, sizeof request);
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (ioctl(fd, TUNSETIFF, &request)) die(name);
  return fd;
}

/* Takes in what one side sent; frames leave in order, so due times only grow. */
static void take(int fd, struct direction *d, uint64_t delay, long loss_ppm, uint64_t rate_kbit) {
  static unsigned char buffer[70000];
  ssize_t length;
  while ((length = read(fd, buffer, sizeof buffer)) > 0) {
    uint64_t t = now(), start = d->wire_free > t ? d->wire_free : t;
    if (random() % 1000000 < loss_ppm || start - t > QUEUE_NS) continue;
    struct frame *f = malloc(sizeof *f + length);
    if (!f) die("malloc");
    d->wire_free = rate_kbit ? start + (uint64_t)length * 8 * 1000000 / rate_kbit : t;
    f->next = 0;
    f->due = d->wire_free + delay;
    f->length = length;
    memcpy(f->data, buffer, length);
    if (d->tail) d->tail->next = f; else d->head = f;
    d->tail = f;
  }
}

static void give(int fd, struct direction *d) {
  uint64_t t = now();
  while (d->head && d->head->due <= t) {
    struct frame *f = d->head;
    if (write(fd, f->data, f->length) < 0) { /* lost, as on a full link */ }
    if (!(d->head = f->next)) d->tail = 0;
    free(f);
  }
}

int main(int count, char **argument) {
  if (count != 6) return fprintf(stderr, "usage: link-shaper NEAR FAR DELAY_US LOSS_PPM RATE_KBIT\n"), 2;
  /* It must not outlive the supervisor that started it. */
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int fd[2] = {tap(argument[1]), tap(argument[2])};
  uint64_t delay = strtoull(argument[3], 0, 10) * 1000, rate_kbit = strtoull(argument[5], 0, 10);
  long loss_ppm = strtol(argument[4], 0, 10);
  struct direction way[2] = {{0}};
  srandom(now() ^ getpid());
  puts("ready");
  fflush(stdout);
  for (;;) {
    struct pollfd side[2] = {{fd[0], POLLIN, 0}, {fd[1], POLLIN, 0}};
    struct timespec wait = {3600, 0};
    uint64_t first = UINT64_MAX, t = now();
    for (int i = 0; i < 2; i++) if (way[i].head && way[i].head->due < first) first = way[i].head->due;
    if (first != UINT64_MAX) {
      uint64_t left = first > t ? first - t : 0;
      wait.tv_sec = left / SECOND;
      wait.tv_nsec = left % SECOND;
    }
    ppoll(side, 2, &wait, 0);
    for (int i = 0; i < 2; i++) take(fd[i], &way[i], delay, loss_ppm, rate_kbit);
    for (int i = 0; i < 2; i++) give(fd[!i], &way[i]);
  }
}

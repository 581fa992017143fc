// Sends one TCP SYN and one UDP datagram to each port that stdin names, and prints the TCP ports that answer.
//   port-sweep SOURCE TARGET SOURCE-PORT MICROSECONDS-BETWEEN-PACKETS <ports
// Raw sockets in the network namespace that it runs in; SOURCE need not be an address of it (IP_TRANSPARENT). The hop limit is
// 255, as from a neighbour (RFC 5082).
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct tcp { uint16_t source, target; uint32_t seq, ack; uint8_t offset, flags; uint16_t window, sum, urgent; };
struct udp { uint16_t source, target, length, sum; };

static int family, tcp4, udp4;
static struct sockaddr_storage target, source;
static socklen_t size;
static unsigned char answered[65536];

static void stop(const char *what) { perror(what); exit(1); }

static void parse(const char *text, struct sockaddr_storage *to) {
  memset(to, 0, sizeof *to);
  struct sockaddr_in *four = (void *)to;
  struct sockaddr_in6 *six = (void *)to;
  if (inet_pton(AF_INET, text, &four->sin_addr) == 1) four->sin_family = AF_INET;
  else if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1) six->sin6_family = AF_INET6;
  else { fprintf(stderr, "%s is no address\n", text); exit(2); }
}

static const unsigned char *bytes(const struct sockaddr_storage *of, size_t *length) {
  *length = family == AF_INET ? 4 : 16;
  return family == AF_INET ? (const void *)&((const struct sockaddr_in *)of)->sin_addr
                           : (const void *)&((const struct sockaddr_in6 *)of)->sin6_addr;
}

static uint32_t add(uint32_t sum, const unsigned char *data, size_t length) {
  for (size_t i = 0; i + 1 < length; i += 2) sum += (uint32_t)data[i] << 8 | data[i + 1];
  return sum;
}

// RFC 9293 3.1, RFC 768, RFC 8200 8.1: over the addresses, the protocol, the length and the segment.
static uint16_t checksum(int protocol, const void *segment, size_t length) {
  size_t width;
  uint32_t sum = protocol + length;
  const unsigned char *one = bytes(&source, &width);
  sum = add(sum, one, width);
  sum = add(sum, bytes(&target, &width), width);
  sum = add(sum, segment, length);
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return htons(~sum & 0xffff);
}

static int opened(int protocol) {
  int raw = socket(family, SOCK_RAW, protocol), on = 1, hops = 255, room = 8 << 20;
  if (raw < 0) stop("socket");
  setsockopt(raw, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  if (setsockopt(raw, family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6, family == AF_INET ? IP_TRANSPARENT : IPV6_TRANSPARENT, &on, sizeof on)) stop("transparent");
  if (setsockopt(raw, family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6, family == AF_INET ? IP_TTL : IPV6_UNICAST_HOPS, &hops, sizeof hops)) stop("hops");
  if (bind(raw, (void *)&source, size)) stop("bind");
  return raw;
}

// A SYN with ACK from the target to our port.
static void listen_for(int wait, uint16_t own) {
  struct pollfd ready = {tcp4, POLLIN, 0};
  while (poll(&ready, 1, wait) > 0) {
    unsigned char packet[2048];
    struct sockaddr_storage from;
    socklen_t length = sizeof from;
    ssize_t got = recvfrom(tcp4, packet, sizeof packet, MSG_DONTWAIT, (void *)&from, &length);
    size_t skip = family == AF_INET ? (size_t)(packet[0] & 15) * 4 : 0, width;
    if (got < (ssize_t)(skip + sizeof(struct tcp))) continue;
    struct tcp *segment = (void *)(packet + skip);
    const unsigned char *peer = bytes(&from, &width);
    if (memcmp(peer, bytes(&target, &width), width) == 0 && ntohs(segment->target) == own && (segment->flags & 0x12) == 0x12)
      answered[ntohs(segment->source)] = 1;
  }
}

static void send_to(int raw, const void *packet, size_t length) {
  while (sendto(raw, packet, length, 0, (void *)&target, size) < 0) usleep(1000);
}

int main(int count, char **words) {
  if (count != 5) return 2;
  parse(words[1], &source);
  parse(words[2], &target);
  family = target.ss_family;
  size = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
  uint16_t own = atoi(words[3]);
  struct timespec pause = {0, atol(words[4]) * 1000};
  tcp4 = opened(IPPROTO_TCP);
  udp4 = opened(IPPROTO_UDP);
  unsigned port;
  while (scanf("%u", &port) == 1) {
    struct tcp syn = {htons(own), htons(port), htonl(port), 0, 5 << 4, 2, htons(1024), 0, 0};
    syn.sum = checksum(IPPROTO_TCP, &syn, sizeof syn);
    send_to(tcp4, &syn, sizeof syn);
    struct udp datagram = {htons(own), htons(port), htons(sizeof datagram), 0};
    datagram.sum = checksum(IPPROTO_UDP, &datagram, sizeof datagram);
    send_to(udp4, &datagram, sizeof datagram);
    listen_for(0, own);
    nanosleep(&pause, NULL);
  }
  listen_for(300, own);
  for (port = 0; port < 65536; port++) if (answered[port]) printf("%u\n", port);
  return 0;
}

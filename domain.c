#include <arpa/inet.h>

#include <stdint.h>
#include <string.h>

#include "domain.h"

/* RFC 3492, 5: the parameters of Punycode. */
enum { BASE = 36, TMIN = 1, TMAX = 26, SKEW = 38, DAMP = 700,
	INITIAL_BIAS = 72, INITIAL_N = 128 };

/*
 * A label is at most 63 bytes long.  Each code point takes at least one
 * byte of an A-label, so a label of more of them has none.
 */
enum { MAX_LABEL = 63, MAX_NAME = 253 };

/* The code points of a label; how many, or 0 if it can be no A-label. */
static size_t
code_points(struct span label, long points[MAX_LABEL])
{
	size_t n = 0, len;

	while (label.len > 0) {
		if (n == MAX_LABEL ||
		    (len = utf8_point(label, &points[n])) == 0)
			return 0;
		n++;
		label = (struct span){ label.s + len, label.len - len };
	}
	return n;
}

/* RFC 3492, 6.1 */
static uint32_t
adapt(uint32_t delta, uint32_t numpoints, bool first)
{
	uint32_t k = 0;

	delta = first ? delta / DAMP : delta / 2;
	delta += delta / numpoints;
	for (; delta > ((BASE - TMIN) * TMAX) / 2; k += BASE)
		delta /= BASE - TMIN;
	return k + (BASE - TMIN + 1) * delta / (delta + SKEW);
}

static char
digit(uint32_t d)
{
	return (char)(d < 26 ? 'a' + d : '0' + (d - 26));
}

/* RFC 3492, 6.3: one delta as an integer of variable length. */
static char *
put_delta(char *out, const char *end, uint32_t q, uint32_t bias)
{
	uint32_t k, t;

	for (k = BASE; out < end; k += BASE) {
		t = k <= bias ? TMIN : k >= bias + TMAX ? TMAX : k - bias;
		if (q < t) {
			*out++ = digit(q);
			return out;
		}
		*out++ = digit(t + (q - t) % (BASE - t));
		q = (q - t) / (BASE - t);
	}
	return NULL;
}

static long
least_from(const long *points, size_t n, long from)
{
	long m = 0x110000;
	size_t i;

	for (i = 0; i < n; i++)
		if (points[i] >= from && points[i] < m)
			m = points[i];
	return m;
}

static char *
put_basic(char *out, const long *points, size_t n)
{
	char *start = out;
	size_t i;

	for (i = 0; i < n; i++)
		if (points[i] < 0x80)
			*out++ = (char)points[i];
	if (out > start)
		*out++ = '-';
	return out;
}

/*
 * RFC 3492, 6.3.  With 63 code points at most, delta stays below
 * 0x110000 * 64, so there is no overflow to look for.  Returns the length of
 * the A-label, or 0 if it would be longer than a label can be.
 */
static size_t
a_label(const long *points, size_t n, char label[2 * MAX_LABEL])
{
	static const char ace_prefix[] = { 'x', 'n', '-', '-' };
	char *end = label + MAX_LABEL, *start, *out;
	uint32_t basic, handled, delta = 0, bias = INITIAL_BIAS;
	long m, next = INITIAL_N;
	size_t i;

	memcpy(label, ace_prefix, sizeof(ace_prefix));
	start = label + sizeof(ace_prefix);
	out = put_basic(start, points, n);
	basic = handled = (uint32_t)(out - start) - (out > start);
	while (handled < n) {
		m = least_from(points, n, next);
		delta += (uint32_t)(m - next) * (handled + 1);
		for (i = 0; i < n; i++) {
			if (points[i] < m)
				delta++;
			if (points[i] != m)
				continue;
			if ((out = put_delta(out, end, delta, bias)) == NULL)
				return 0;
			bias = adapt(delta, handled + 1, handled == basic);
			delta = 0;
			handled++;
		}
		delta++;
		next = m + 1;
	}
	return (size_t)(out - label);
}

/* Adds a label, for which there is room, encoded if need be and possible. */
static void
add_label(struct text *t, struct span label)
{
	long points[MAX_LABEL];
	char encoded[2 * MAX_LABEL];
	size_t i, len = 0;

	for (i = 0; i < label.len; i++)
		if ((unsigned char)label.s[i] >= 0x80)
			break;
	if (i < label.len && (i = code_points(label, points)) > 0)
		len = a_label(points, i, encoded);
	if (len > 0)
		label = (struct span){ encoded, len };
	memcpy(t->s + t->len, label.s, label.len);
	t->len += label.len;
}

/* Writes the labels again behind themselves, then moves them to the front. */
static int
encode_labels(struct text *t, size_t from)
{
	size_t dot, start, end = t->len;

	for (start = from;; start = dot + 1) {
		if (text_reserve(t, end - start + MAX_LABEL) == -1)
			return -1;
		for (dot = start; dot < end && t->s[dot] != '.';)
			dot++;
		add_label(t, (struct span){ t->s + start, dot - start });
		if (dot == end)
			break;
		t->s[t->len++] = '.';
	}
	memmove(t->s + from, t->s + end, t->len - end);
	t->len -= end - from;
	return 0;
}

/*
 * The first of the longest runs of zeros, and its length; one that is alone is
 * not left out (RFC 5952, 4.2).
 */
static size_t
zeros_left_out(const unsigned group[8], size_t *len)
{
	size_t i, run = 0, first = 0;

	*len = 1;
	for (i = 0; i < 8; i++) {
		run = group[i] == 0 ? run + 1 : 0;
		if (run > *len) {
			*len = run;
			first = i + 1 - run;
		}
	}
	if (*len == 1)
		*len = 0;
	return first;
}

/* An IPv6 address as RFC 5952 has it; section 5: one of IPv4 in its way. */
static int
add_ipv6(struct text *t, const unsigned char address[16])
{
	static const unsigned char ipv4[12] = { [10] = 0xff, [11] = 0xff };
	unsigned group[8];
	size_t i, first, len;

	if (memcmp(address, ipv4, sizeof(ipv4)) == 0)
		return text_printf(t, "::ffff:%d.%d.%d.%d", address[12],
		    address[13], address[14], address[15]);
	for (i = 0; i < 8; i++)
		group[i] = address[2 * i] * 256U + address[2 * i + 1];
	first = zeros_left_out(group, &len);
	for (i = 0; i < 8; i++) {
		if (len > 0 && i == first) {
			i += len - 1;
			if (text_add(t, "::", 2) == -1)
				return -1;
		} else if (text_printf(t, "%s%x", i == 0 ||
		    i == first + len ? "" : ":", group[i]) == -1) {
			return -1;
		}
	}
	return 0;
}

/* "[ipv6:2001:db8:0::1]" and "[ipv6:2001:db8::1]" are one. */
static int
shorten_ipv6(struct text *t, size_t from)
{
	struct span literal = { t->s + from, t->len - from };
	char address[INET6_ADDRSTRLEN];
	struct in6_addr binary;

	if (!span_begins_fold(literal, "[ipv6:") ||
	    literal.len - 7 >= sizeof(address))
		return 0;
	memcpy(address, literal.s + 6, literal.len - 7);
	address[literal.len - 7] = '\0';
	if (inet_pton(AF_INET6, address, &binary) != 1)
		return 0;
	t->len = from + 6;
	return add_ipv6(t, binary.s6_addr) == -1 ? -1 : text_add_byte(t, ']');
}

int
domain_canonical(struct text *t, size_t from)
{
	bool ascii = true;
	size_t i;

	for (i = from; i < t->len; i++) {
		t->s[i] = (char)ascii_lower((unsigned char)t->s[i]);
		if ((unsigned char)t->s[i] >= 0x80)
			ascii = false;
	}
	if (t->len > from && t->s[from] == '[')
		return shorten_ipv6(t, from);
	if (t->len > from + 1 && t->s[t->len - 1] == '.')
		t->len--;
	return ascii ? 0 : encode_labels(t, from);
}

/* What begins with "[".  RFC 5322, 3.4.1, and 4.4 for a quoted pair. */
static bool
valid_literal(struct span d)
{
	size_t i;

	if (d.s[d.len - 1] != ']')
		return false;
	for (i = 1; i < d.len - 1; i++) {
		if (d.s[i] == '[' || d.s[i] == ']' || is_blank(d.s[i]) ||
		    d.s[i] == '\r' || d.s[i] == '\n')
			return false;
		if (d.s[i] == '\\' && ++i == d.len - 1)
			return false;
	}
	return true;
}

bool
domain_valid(struct span d)
{
	size_t i;

	if (d.len == 0 || d.s[0] == '.')
		return false;
	if (d.s[0] == '[')
		return valid_literal(d);
	for (i = 0; i < d.len; i++) {
		if (d.s[i] == '.' && d.s[i - 1] == '.')
			return false;
		if (d.s[i] != '.' && !is_atext(d.s[i]))
			return false;
	}
	return true;
}

/* RFC 1123, 2.1, with underscores and UTF-8: no hyphen at a label's end. */
static bool
has_host_labels(struct span h)
{
	unsigned char c;
	size_t i;

	for (i = 0; i < h.len; i++) {
		c = (unsigned char)h.s[i];
		if (c == '-' && (i == 0 || h.s[i - 1] == '.' ||
		    i + 1 == h.len || h.s[i + 1] == '.'))
			return false;
		if (!ascii_digit(c) && c != '-' && c != '_' && c != '.' &&
		    c < 0x80 && (ascii_lower(c) < 'a' || ascii_lower(c) > 'z'))
			return false;
	}
	return true;
}

const char *
domain_unusable(struct span d)
{
	size_t i, label = 0;

	if (!domain_valid(d))
		return "is no domain";
	if (d.s[0] == '[')
		return NULL;
	if (!has_host_labels(d))
		return "is no domain that mail can be sent to";
	if (d.len > MAX_NAME)
		return "is longer than a domain can be (253 bytes)";
	for (i = 0; i < d.len; i++) {
		label = d.s[i] == '.' ? 0 : label + 1;
		if (label > MAX_LABEL)
			return "has a label of more than 63 bytes";
	}
	return NULL;
}

static bool
is_ip(int family, struct span a)
{
	unsigned char binary[sizeof(struct in6_addr)];
	char s[INET6_ADDRSTRLEN];

	if (a.len >= sizeof(s))
		return false;
	memcpy(s, a.s, a.len);
	s[a.len] = '\0';
	return inet_pton(family, s, binary) == 1;
}

/* What begins with "[". */
static bool
is_host_literal(struct span h)
{
	if (h.s[h.len - 1] != ']')
		return false;
	h.s++;
	h.len -= 2;
	if (!span_begins_fold(h, "ipv6:"))
		return is_ip(AF_INET, h);
	h.s += 5;
	h.len -= 5;
	return is_ip(AF_INET6, h);
}

/* A name whose last label is a number would be taken for an address. */
static bool
is_host_name(struct span h)
{
	size_t i = h.len;

	if (domain_unusable(h) != NULL)
		return false;
	if (h.s[i - 1] == '.')
		i--;
	while (i > 0 && ascii_digit((unsigned char)h.s[i - 1]))
		i--;
	return i > 0 && h.s[i - 1] != '.';
}

bool
domain_is_host(struct span h)
{
	if (h.len > 0 && h.s[0] == '[')
		return is_host_literal(h);
	return is_ip(AF_INET, h) || is_host_name(h);
}

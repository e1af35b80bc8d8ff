/*
 * Any requests to a tcp_table: each is answered by one line, in printable
 * ASCII, of at most 4096 bytes, the same for requests in pieces; without rules
 * nothing is found; the addresses that are found can be read.  The first byte
 * chooses the options.
 */
#include <stdlib.h>
#include <string.h>

#include "tcp_table.h"
#include "ways.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const char table[] = "x y\ny inbound\nm@x a@x,b@z, c\n*.a $1.b\n"
    "s-*@x $1@y\n/^r(.)@/ $1@b\nd discard\nr reject:No such user, 100 %\n"
    "f forward:h.example:25\ng forward:[IPv6:2001:db8::1]\nl p\np l\n"
    "\"a b\"@x \"c d\"@y\n";

struct asked {
	struct tcp_table how;
	struct router_options options;
	bool rules;
};

static void
refuse(void *with, const char *file, size_t line, struct span message)
{
	(void)with;
	(void)file;
	(void)line;
	fuzz_check_same(message, (struct span){ "", 0 }, "the table is right");
}

static const struct rules *
rules_of(bool some)
{
	static struct rules *rules[2];
	const struct table_errors errors = { refuse, NULL };

	if (rules[some] == NULL)
		rules[some] = ways_read_table(span_of(some ? table : ""), ways,
		    &errors);
	return rules[some];
}

static void
run(const struct asked *asked, struct span s, const struct way *way,
    struct text *answers)
{
	struct tcp_table how = asked->how;
	struct filter f = { .router = router_new(rules_of(asked->rules),
	    &asked->options), .report = tcp_table_report, .with = &how };
	struct spool spool;
	struct output out = ways_output(&spool);
	struct input in;

	fuzz_check(f.router != NULL, "there is memory");
	ways_input(&in, s, way);
	fuzz_check(tcp_table_answer(&in, &out, &f, &how) == 0,
	    "requests are answered");
	answers->len = 0;
	ways_take(&spool, answers);
	input_free(&in);
	router_free(f.router);
	filter_free(&f);
}

/* The bytes of a value, as addresses. */
static void
check_addresses(struct span value)
{
	struct text t = { 0 };
	struct address_parser p;
	struct address a;
	enum address_found found;
	char digits[3] = "", *end;
	unsigned long byte;
	size_t i, n = 0;

	for (i = 0; i < value.len; i++) {
		byte = (unsigned char)value.s[i];
		if (byte == '%') {
			fuzz_check(i + 2 < value.len, "% has two digits");
			memcpy(digits, value.s + i + 1, 2);
			byte = strtoul(digits, &end, 16);
			fuzz_check(end == digits + 2, "% has two digits");
			i += 2;
		}
		fuzz_check(text_add_byte(&t, (char)byte) == 0,
		    "there is memory");
	}
	address_begin(&p, text_span(&t));
	while ((found = address_next(&p, &a)) == ADDRESS_FOUND)
		n++;
	fuzz_check(found == ADDRESS_END && n > 0,
	    "what is found are addresses");
	text_free(&t);
}

static void
check_answer(const struct asked *asked, struct span line)
{
	bool found;
	size_t i;

	fuzz_check(line.len > 4 && line.len < 4096 &&
	    strchr("245", line.s[0]) != NULL &&
	    memcmp(line.s + 1, "00 ", 3) == 0, "an answer has a status");
	for (i = 4; i < line.len; i++)
		fuzz_check(line.s[i] > ' ' && line.s[i] < 0x7f,
		    "an answer is printable");
	found = line.s[0] == '2';
	fuzz_check(!found || asked->rules || asked->how.qualifies,
	    "without rules nothing is found");
	if (found && asked->how.value == TCP_TABLE_RCPT)
		check_addresses((struct span){ line.s + 4, line.len - 4 });
}

static void
check_answers(const struct asked *asked, struct span requests,
    struct span answers)
{
	size_t want = span_lines(requests) + (requests.len > 0 &&
	    requests.s[requests.len - 1] != '\n');
	const char *s = answers.s, *end = s + answers.len, *lf;

	fuzz_check(span_lines(answers) == want,
	    "each request has one answer");
	for (; s < end; s = lf + 1) {
		lf = memchr(s, '\n', (size_t)(end - s));
		fuzz_check(lf != NULL, "an answer is a line");
		check_answer(asked, span_between(s, lf));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text answers = { 0 }, other = { 0 };
	struct asked asked = { .rules = size == 0 || data[0] & 1 };
	struct span requests;
	unsigned long long begun;
	size_t i;

	if (size == 0)
		return -1;
	if (data[0] & 2)
		asked.how.value = TCP_TABLE_TRANSPORT;
	if (data[0] & 4)
		asked.options.domain = span_of("x");
	if (data[0] & 8)
		asked.options.delimiters = "+";
	asked.how.qualifies = data[0] & 4;
	requests = (struct span){ (const char *)data + 1, size - 1 };
	rules_of(asked.rules);
	begun = fuzz_work;
	run(&asked, requests, ways, &answers);
	fuzz_check_work(begun, requests.len + answers.len, 10000, 600);
	check_answers(&asked, requests, text_span(&answers));
	for (i = 1; i < WAYS; i++) {
		run(&asked, requests, &ways[i], &other);
		fuzz_check_same(text_span(&answers), text_span(&other),
		    "the answers are the same in pieces, and by slow paths");
	}
	text_free(&answers);
	text_free(&other);
	return 0;
}

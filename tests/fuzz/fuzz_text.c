/*
 * Any input as a text.
 */
#include "filtering.h"
#include "read_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int
read_it(struct input *in, struct filter *f, const char *fields, char end)
{
	(void)fields;
	(void)end;
	return read_text(in, f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct reading reading = { read_it, 0 };

	return filtering(&reading, data, size);
}

/*
 * Any input as batch SMTP.
 */
#include "filtering.h"
#include "read_smtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int
read_it(struct input *in, struct filter *f, const char *fields, char end)
{
	(void)end;
	return read_smtp(in, f, fields);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct reading reading = { read_it, FOR_MAIL | FOR_SMTP };

	return filtering(&reading, data, size);
}

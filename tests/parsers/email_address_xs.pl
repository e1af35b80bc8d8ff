# Tells what Perl's Email::Address::XS finds in address fields.  Each comes
# behind a line that tells its length; for each, a line for every valid
# address, local part and domain in hexadecimal, and then an empty line.
use strict;
use warnings;
use Email::Address::XS qw(parse_email_addresses);

$| = 1;
binmode STDIN;
while (my $length = <STDIN>) {
	read STDIN, my $field, $length;
	for my $address (parse_email_addresses($field)) {
		next unless $address->is_valid;
		print unpack('H*', $address->user), ' ',
		    unpack('H*', $address->host), "\n";
	}
	print "\n";
}

# The lines of -o route, as postfix.awk writes what becomes of an address.
BEGIN { FS = "\t" }
format == "transport" { print $1 "\t" $2 " " tolower($4); next }
$2 == "discard" { print $1 "\tdiscard"; next }
{ print $1 "\t" tolower($3) }

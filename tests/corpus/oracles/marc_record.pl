#!/usr/bin/env perl
# What MARC::Record reads, as digests: the third opinion beside pymarc and yaz.
#
# In: lines `container TAB path TAB name` on standard input, container iso2709 or marcxml.
# Out: lines `name TAB records TAB digests`, a digest of 10 hexadecimal digits for each record: the first 2 of
# the SHA-256 of its leader and the first 8 of that of its fields; ten hyphens for a record that could not
# be read. First a line `# ` with the versions.
#
# The text that is digested: the leader without 00-04, 09 and 12-16; the fields one after another, each
# tag, indicators, and for each subfield 0x1F, code, value, ended by 0x1E; UTF-8. A record of ISO 2709
# that is not UTF-8, or has ESC in it, goes through MARC::Charset; then numeric references become
# characters, halves of a double mark become the one mark, and all is NFC. tests/corpus/digests.py does the
# same with our records.
#
# Needs (Debian): libmarc-record-perl libmarc-xml-perl libmarc-charset-perl
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use Encode qw(decode encode);
use Unicode::Normalize qw(NFC);
use MARC::Batch;
use MARC::Charset qw(marc8_to_utf8);
use MARC::File::USMARC;
use MARC::File::XML (BinaryEncoding => 'utf8', RecordFormat => 'MARC21');

my $show = $ENV{SHOW};    # the text itself, to look at
$SIG{__WARN__} = sub { };
MARC::Charset->ignore_errors(1);
print "# MARC::Record ", MARC::Record->VERSION, ", MARC::File::XML ", MARC::File::XML->VERSION,
    ", MARC::Charset ", MARC::Charset->VERSION, "\n";

while (my $line = <STDIN>) {
    chomp $line;
    my ($container, $path, $name) = split /\t/, $line;
    my @digests = $container eq 'iso2709' ? of_iso2709($path) : of_marcxml($path);
    print join("\t", $name, scalar @digests, join('', @digests)), "\n";
}

# Every piece between record terminators, as MARC::File::USMARC cuts them.
sub of_iso2709 {
    my ($path) = @_;
    open my $file, '<:raw', $path or die "$path: $!";
    local $/ = "\x1d";
    my @found;
    while (defined(my $piece = <$file>)) {
        $piece =~ s/^\xef\xbb\xbf// if !@found;
        $piece =~ s/^[ \x00\x0a\x0d\x1a]+//;
        push @found, digest(scalar eval { MARC::File::USMARC->decode($piece) }, $piece) if length $piece;
    }
    return @found;
}

# As MARC::Batch hands the records over; the rest of a file is lost where it dies.
sub of_marcxml {
    my ($path) = @_;
    my @found;
    my $batch = MARC::Batch->new('XML', $path);
    $batch->strict_off;
    while (1) {
        my $record = eval { $batch->next };
        if ($@) { push @found, '-' x 10; next }
        last if !defined $record;
        push @found, digest($record, undef);
    }
    return @found;
}

sub digest {
    my ($record, $piece) = @_;
    return '-' x 10 if !defined $record || !ref $record;
    my $marc8 = defined $piece ? 0 : -1;    # 1: MARC-8, 0: UTF-8, -1: characters already
    if (defined $piece) {
        my $copy = $piece;
        $marc8 = $piece =~ /\x1b/ || !defined eval { decode('UTF-8', $copy, Encode::FB_CROAK) };
    }
    my $leader = $record->leader;
    $leader .= ' ' x (24 - length $leader) if length $leader < 24;
    my $kept = join '', map { substr $leader, $_, 1 } 5 .. 8, 10, 11, 17 .. 23;
    my $fields = '';
    for my $field ($record->fields) {
        my $own = $field->tag;
        if ($field->is_control_field) { $own .= text($field->data, $marc8) }
        else {
            $own .= join '', map { text($field->indicator($_), $marc8 == -1 ? -1 : 0) } 1, 2;
            $own .= "\x1f" . text($_->[0], $marc8 == -1 ? -1 : 0) . text($_->[1], $marc8) for $field->subfields;
        }
        $fields .= "$own\x1e";
    }
    if ($marc8 == 1) {
        $fields =~ s/&#x([0-9A-Fa-f]+);/chr hex $1/ge;
        $fields =~ s/\x{fe20}/\x{361}/g;
        $fields =~ s/\x{fe22}/\x{360}/g;
        $fields =~ s/[\x{fe21}\x{fe23}]//g;
        $fields = NFC($fields);
    }
    return encode('UTF-8', "$kept\n$fields") if $show;
    my ($one, $two) = map { sha256_hex(encode('UTF-8', $_)) } $kept, $fields;
    return substr($one, 0, 2) . substr($two, 0, 8);
}

# Characters of a value that MARC::Record gave as bytes or as characters.
sub text {
    my ($value, $marc8) = @_;
    return '' if !defined $value;
    return $value if $marc8 == -1 || utf8::is_utf8($value);
    return scalar marc8_to_utf8($value) // '' if $marc8 == 1;
    my $copy = $value;
    return eval { decode('UTF-8', $copy, Encode::FB_CROAK) } // $value;
}

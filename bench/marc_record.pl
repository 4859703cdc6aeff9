# The first COUNT records of a file of ISO 2709 to MARCXML, with MARC::Record: perl marc_record.pl FROM TO COUNT
use strict;
use warnings;
use MARC::Batch;
use MARC::File::XML (BinaryEncoding => 'UTF-8', RecordFormat => 'MARC21');

my ($from, $to, $count) = @ARGV;
my $batch = MARC::Batch->new('USMARC', $from);
open my $out, '>:encoding(UTF-8)', $to or die "$to: $!";
print $out MARC::File::XML::header('UTF-8');
while ($count-- > 0 and my $record = $batch->next) {
    print $out MARC::File::XML::record($record);
}
print $out MARC::File::XML::footer();
close $out or die "$to: $!";

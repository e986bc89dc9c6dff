perl -e 'use threads; my @t = map { my $i = $_; threads->create(sub { $i * 2 }) } 1..5; print join(",", map { $_->join } @t), "\n"'
perl -e 'use IO::Socket::INET; $| = 1;
  $s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1");
  if (!fork) { $c = IO::Socket::INET->new(PeerAddr => "127.0.0.1:" . $s->sockport); print $c "hi\n"; exit 2 }
  $a = $s->accept; print <$a>; wait; print $? >> 8, "\n"; print `echo ticks`;
  open P, "-|", "ls /etc | wc -l"; print <P>; local $SIG{ALRM} = sub { print "alarm\n" }; alarm 1; sleep 3;'

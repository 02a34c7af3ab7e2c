package explain

import (
	"syscall"
	"testing"

	"safelight/internal/i18n"
	"safelight/internal/policy"
)

func BenchmarkLetter(b *testing.B) {
	d := refundOf(b, "../../shops/neiroset")
	e := d.Examples()[0]
	for _, one := range d.Examples() {
		if x := d.Decide(one.Facts); x.Outcome == policy.Grant && len(x.Clauses) == 2 {
			e = one
			break
		}
	}
	x := d.Decide(e.Facts)
	for _, l := range i18n.Languages {
		b.Run(string(l), func(b *testing.B) {
			before, n := spent(), 0
			for b.Loop() {
				_ = Letter(x, l)
				n++
			}
			b.ReportMetric(float64(spent()-before)/1e3/float64(n), "cpu-µs/op")
		})
	}
}

func spent() int64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Utime.Nano() + u.Stime.Nano()
}

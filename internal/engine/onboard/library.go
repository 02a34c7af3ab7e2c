package onboard

import (
	"embed"
	"fmt"
	"sync"
)

//go:embed weights/*.net
var weights embed.FS

// A library gives networks by name, each read once, when it is first asked for.
type library struct {
	simd simd
	nets map[string]func() (*net, error)
}

// Names of the networks, which Result.Model reports.
const (
	fastX2    = "fast-x2"
	qualityX2 = "quality-x2"
	qualityX1 = "quality-x1"
)

func newLibrary(s simd) *library {
	l := &library{simd: s, nets: map[string]func() (*net, error){}}
	add := func(name string) { l.nets[name] = sync.OnceValues(func() (*net, error) { return l.load(name) }) }
	add(fastX2)
	add(qualityX2)
	for i := range 4 {
		add(noisy(fastX2, i))
		add(noisy(qualityX2, i))
		if i > 0 {
			add(noisy(qualityX1, i))
		}
	}
	return l
}

// noisy names the variant of a network that also removes noise of a level.
func noisy(name string, level int) string { return fmt.Sprintf("%s-noise%d", name, level) }

func (l *library) net(name string) (*net, error) { return l.nets[name]() }

func (l *library) load(name string) (*net, error) {
	raw, err := weights.ReadFile("weights/" + name + ".net")
	if err != nil {
		return nil, fmt.Errorf("onboard: %w", err)
	}
	f, err := readNet(raw)
	if err != nil {
		return nil, fmt.Errorf("onboard: network %s: %w", name, err)
	}
	return newNet(f, l.simd)
}

package onboard

import (
	"testing"

	"safelight/internal/engine"
	"safelight/internal/engine/enginetest"
)

func fresh(t *testing.T, c Config) *Engine {
	t.Helper()
	e, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestOnboardKeepsTheContract(t *testing.T) {
	enginetest.Run(t, func(t *testing.T) engine.Engine { return fresh(t, Config{}) })
}

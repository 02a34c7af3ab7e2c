package policy

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"safelight/internal/i18n"
)

func TestAPolicyBecomesTheSamePDFEachTime(t *testing.T) {
	set, err := Load(preset(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, d := range set {
		for _, l := range i18n.Languages {
			one, err := d.PDF(l)
			if err != nil {
				t.Fatal(err)
			}
			two, err := d.PDF(l)
			if err != nil || !bytes.HasPrefix(one, []byte("%PDF-")) || !bytes.Equal(one, two) {
				t.Errorf("%s in %s: not the same PDF twice (%v)", name, l, err)
			}
			if dir := os.Getenv("SAFELIGHT_SHOW"); dir != "" {
				if err := os.WriteFile(filepath.Join(dir, name+"."+string(l)+".pdf"), one, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

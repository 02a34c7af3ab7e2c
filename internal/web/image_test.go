package web

import (
	"mime"
	"strings"
	"testing"

	"safelight/internal/db"
	"safelight/internal/lab"
)

func TestAnImagesBytesAreGuardedAndKeptByTheBrowser(t *testing.T) {
	inDarkroom(t, func(t *testing.T, d *darkroom) {
		i := d.ana.lay(`Ñandú "1".jpg`)
		for path, disposition := range map[string]string{"file": "attachment", "thumb": "inline", "preview": "inline"} {
			got := d.ana.get(imagePath(i.ID) + "/" + path).want(200)
			for name, want := range map[string]string{"Content-Type": "image/jpeg", "X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-cache",
				"Content-Security-Policy": "default-src 'none'; sandbox", "Cross-Origin-Resource-Policy": "same-origin"} {
				if v := got.header.Get(name); v != want {
					t.Errorf("%s: %s is %q", path, name, v)
				}
			}
			kind, parameters, err := mime.ParseMediaType(got.header.Get("Content-Disposition"))
			if err != nil || kind != disposition || !strings.HasPrefix(parameters["filename"], "Ñandú") {
				t.Errorf("%s: %s, %v", path, got.header.Get("Content-Disposition"), err)
			}
			tag := got.header.Get("ETag")
			if again := d.ana.get(imagePath(i.ID)+"/"+path, "If-None-Match", tag).want(304); again.text != "" {
				t.Error("sent again")
			}
			if part := d.ana.get(imagePath(i.ID)+"/"+path, "Range", "bytes=0-1").want(206); part.text != "\xff\xd8" {
				t.Errorf("a part is %q", part.text)
			}
			d.boris.get(imagePath(i.ID)+"/"+path, "If-None-Match", tag).want(404)
		}
		fine(t, d.Lab.Delete(t.Context(), d.ana.Account.ID, i.ID))
		d.ana.get(imagePath(i.ID) + "/thumb").want(404)
	})
}

func TestAChoiceIsQuotedWithAndWithoutScripts(t *testing.T) {
	inDarkroom(t, func(t *testing.T, d *darkroom) {
		i := d.ana.lay("fig.jpg")
		page := d.ana.get(imagePath(i.ID)).want(200)
		page.says(".quote .cost", "2 credits")
		page.says(".quote button.main", "Develop for 2 credits")
		for _, checked := range []string{"operation][value=upscale", "scale][value='2", "model][value=quality", "format][value=jpeg", "strength][value=auto"} {
			checked = strings.ReplaceAll(checked, "'2", `"2"`)
			page.count("input[name="+checked+"][checked]", 1)
		}
		const chosen = "?operation=upscale&scale=4&strength=auto&model=fast&format=webp&quoted=2"
		again := d.ana.get(imagePath(i.ID) + chosen).want(200)
		again.count(`input[name=scale][value="4"][checked], input[name=model][value=fast][checked], input[name=format][value=webp][checked]`, 3)
		again.count(`.quote input[type=hidden][name=quoted][value="1"]`, 1)
		part := d.ana.get(imagePath(i.ID)+"/quote"+chosen, "HX-Request", "true").want(200)
		if !strings.HasPrefix(part.text, `<div class="quote stack" id="quote">`) || strings.Contains(part.text, "<html") {
			t.Errorf("the part is %s", part.text)
		}
		part.says(".cost", "1 credit")
		if facts := words(all(part.root, "dl")[0]); !strings.Contains(facts, "96 × 64 px") || !strings.Contains(facts, "9 credits") {
			t.Errorf("the facts are %s", facts)
		}
		if to := d.ana.get(imagePath(i.ID) + "/quote" + chosen).to(); to != imagePath(i.ID)+chosen {
			t.Errorf("without scripts it leads to %s", to)
		}
	})
}

func TestWorkBeginsAtTheCostThatWasShown(t *testing.T) {
	inDarkroom(t, func(t *testing.T, d *darkroom) {
		i := d.ana.lay("fig.jpg")
		begin := func(fields ...string) shown { return d.ana.post(imagePath(i.ID)+"/jobs", fields...) }
		for _, quoted := range []string{"1", "", "x", "3"} {
			page := begin("operation", "upscale", "scale", "3", "model", "quality", "format", "png", "quoted", quoted).want(422)
			page.says(".notice.bad", "The cost has changed. Please look at it once more.")
			page.count(`input[name=scale][value="3"][checked], input[name=format][value=png][checked]`, 2)
			page.count(`input[name=quoted][value="2"]`, 1)
			if n, _ := page.one(`input[name="back"]`); attr(n, "value") != imagePath(i.ID) {
				t.Errorf("the language form comes back to %s", attr(n, "value"))
			}
		}
		d.ana.wantCredits(10, 0)
		to := begin("operation", "upscale", "scale", "3", "model", "quality", "format", "png", "quoted", "2").to()
		if !strings.HasPrefix(to, "/jobs/job_") {
			t.Fatalf("it leads to %s", to)
		}
		d.ana.wantCredits(8, 2)
		j, err := db.Ask(t.Context(), d.DB, func(tx *db.Tx) (lab.Job, error) {
			return d.Lab.FindJob(t.Context(), tx, d.ana.Account.ID, lab.JobID(strings.TrimPrefix(to, "/jobs/")))
		})
		if err != nil || j.Scale != 3 || j.Format != "png" || j.Model != "quality" {
			t.Errorf("the job is %+v, %v", j, err)
		}
		// What the strips hide comes along all the same: it is not looked at.
		begin("operation", "denoise", "scale", "4", "strength", "0.67", "model", "fast", "format", "jpeg", "quoted", "1").to()
		begin("operation", "restore", "scale", "4", "strength", "9", "model", "fast", "format", "jpeg", "quoted", "1").to()
		d.ana.get(imagePath(i.ID)).want(200).count("ul.bench li", 3)
	})
}

func TestWhatMakesNoSenseBeginsNothing(t *testing.T) {
	inDarkroom(t, func(t *testing.T, d *darkroom) {
		i := d.ana.lay("fig.jpg")
		for _, fields := range [][]string{
			{"operation", "upscale", "scale", "9"}, {"operation", "upscale", "scale", "x"}, {"operation", "paint"},
			{"operation", "denoise", "strength", "x"}, {"operation", "denoise", "strength", "NaN"}, {"operation", "upscale", "format", "heic"},
			{"operation", "upscale", "model", "best"},
		} {
			page := d.ana.post(imagePath(i.ID)+"/jobs", append(fields, "quoted", "2")...).want(422)
			page.count(".notice.bad", 1)
			page.count(".quote button.main", 0)
		}
		d.ana.wantCredits(10, 0)
		d.ana.post(imagePath(i.ID)+"/jobs", "operation", "upscale", "operation", "restore").want(400)
	})
}

func TestMissingCreditsLeadToThePrices(t *testing.T) {
	inDarkroom(t, func(t *testing.T, d *darkroom) {
		poor := d.member("eva@example.com", 1)
		i := poor.lay("fig.jpg")
		page := poor.get(imagePath(i.ID)).want(200)
		page.says(".quote .notice", "1 credit is missing for this.")
		page.count(`.quote a.button[href="/pricing"]`, 1)
		page.count(".quote button.main", 0)
		refused := poor.post(imagePath(i.ID)+"/jobs", "operation", "upscale", "quoted", "2").want(422)
		refused.count(".notice.bad", 1)
		poor.wantCredits(1, 0)
	})
}

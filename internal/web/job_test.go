package web

import (
	"strings"
	"testing"

	"safelight/internal/i18n"
	"safelight/internal/lab"
)

func TestAWaitingJobShowsItsPlaceAndCanBeCancelled(t *testing.T) {
	inDarkroom(t, func(t *testing.T, d *darkroom) {
		d.boris.start(d.boris.lay("first.jpg"))
		j := d.ana.start(d.ana.lay("fig.jpg"))
		page := d.ana.get(jobPath(j.ID)).want(200)
		page.says("h1", "fig.jpg")
		page.says(".state", "In the queue")
		page.says(".job-head .small.soft", "1 job is ahead of it.")
		page.count("progress, noscript meta[http-equiv=refresh]", 2)
		page.count(`form[method=post][action="`+jobPath(j.ID)+`/cancel"]`, 1)
		for range 2 {
			if to := d.ana.post(jobPath(j.ID) + "/cancel").to(); to != jobPath(j.ID) {
				t.Errorf("it leads to %s", to)
			}
		}
		d.ana.wantCredits(10, 0)
		page = d.ana.get(jobPath(j.ID)).want(200)
		page.says(".state", "Cancelled")
		page.says(".job-head .small.soft", "1 credit came back to you.")
		page.says("dl .sum dd", "0 credits")
		page.count("progress, noscript meta[http-equiv=refresh], form[action$=cancel]", 0)
	})
}

func TestAFinishedJobIsComparedAndDownloaded(t *testing.T) {
	inDarkroom(t, func(t *testing.T, d *darkroom) {
		i := d.ana.lay("fig.jpg")
		j := d.ana.start(i)
		d.work()
		j = d.ana.ended(j.ID)
		page := d.ana.get(jobPath(j.ID)).want(200)
		compare, _ := page.one("safelight-compare")
		if attr(compare, "data-width") != "48" || attr(compare, "data-height") != "32" {
			t.Error("the comparison is not of the result's size")
		}
		page.count(`.before img[src="`+imagePath(i.ID)+`/file"], .after img[src="`+imagePath(j.Result)+`/file"]`, 2)
		page.count(`safelight-zoom[for="`+attr(compare, "id")+`"]`, 1)
		page.says("dl .sum dd", "1 credit")
		link, text := page.one("a[download]")
		if !strings.HasPrefix(text, "Download JPEG, ") {
			t.Errorf("the button says %q", text)
		}
		file := d.ana.get(attr(link, "href")).want(200)
		if got := file.header.Get("Content-Disposition"); got != "attachment; filename=fig-upscale.jpg" || !strings.HasPrefix(file.text, "\xff\xd8") {
			t.Errorf("the file is %s", got)
		}
		bench := d.ana.get("/lab").want(200)
		bench.says(".bench .state", "Done")
		bench.count(`.bench a[href="`+jobPath(j.ID)+`"]`, 1)
		d.ana.get(imagePath(i.ID)).want(200).count(`ul.bench img[src="`+imagePath(j.Result)+`/thumb"]`, 1)
		d.ana.post(jobPath(j.ID) + "/cancel").to()
		d.ana.wantCredits(9, 0)
	})
}

func TestAFailedJobSaysWhyInTheReadersLanguage(t *testing.T) {
	inDarkroom(t, func(t *testing.T, d *darkroom) {
		j := d.ana.start(d.ana.lay("fig.jpg"))
		for info, err := range d.store.List(t.Context(), "") {
			fine(t, err)
			fine(t, d.store.Delete(t.Context(), info.Key))
		}
		d.work()
		if j = d.ana.ended(j.ID); j.Status != lab.Failed {
			t.Fatalf("the job is %s", j.Status)
		}
		for _, l := range i18n.Languages {
			d.ana.accept = string(l)
			page := d.ana.get(jobPath(j.ID)).want(200)
			page.says(".state", i18n.For(l).T("web.state_failed"))
			page.says(".job-head .small.soft", i18n.For(l).Error(lab.ErrOriginalGone))
		}
		d.ana.wantCredits(10, 0)
	})
}

func TestAHugeResultIsComparedByPreviews(t *testing.T) {
	d := deed{Job: lab.Job{ID: "job_1"}, photo: &lab.Image{ID: "img_1", Format: "jpeg", Width: 8000, Height: 6000},
		result: &lab.Image{ID: "img_2", Format: "jpeg", Width: 16000, Height: 12000}}
	c := d.compare(i18n.For(i18n.English))
	if c.Zooms || c.Before != "/images/img_1/preview" || c.After != "/images/img_2/preview" {
		t.Errorf("the comparison is %+v", c)
	}
	d.result.Width, d.result.Height, d.photo.Format = 4000, 3000, "heic"
	if c = d.compare(i18n.For(i18n.English)); !c.Zooms || c.Before != "/images/img_1/preview" || c.After != "/images/img_2/file" {
		t.Errorf("of a photo that browsers do not show it is %+v", c)
	}
}

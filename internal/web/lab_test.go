package web

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"safelight/internal/db/dbtest"
	"safelight/internal/i18n"
)

func TestAPhotoSentByTheFormIsOnTheBench(t *testing.T) {
	inDarkroom(t, func(t *testing.T, d *darkroom) {
		d.ana.get("/lab").want(200).count(".bench li", 0)
		to := d.ana.upload("fig.jpg", jpegOf(t)).to()
		if !strings.HasPrefix(to, "/images/img_") {
			t.Fatalf("one photo leads to %s", to)
		}
		page := d.ana.get("/lab").want(200)
		page.says(".bench li h3", "fig.jpg")
		page.count(`.bench li a[href="`+to+`"] img[src="`+to+`/thumb"]`, 1)
		page.count(`safelight-live[src="/live?at=%2Flab"]`, 1)
		if n, _ := page.one("safelight-drop"); attr(n, "data-tus") != "/api/v1/uploads/" || attr(n, "data-max") != "1000000" {
			t.Error("the drop zone does not know where and how much")
		}
		if to := d.ana.upload("a.jpg", jpegOf(t), "b.png", pngOf(t)).to(); to != "/lab" {
			t.Errorf("several photos lead to %s", to)
		}
		d.ana.get("/lab").count(".bench li", 3)
		d.boris.get("/lab").count(".bench li", 0)
	})
}

func TestRefusedFilesAreNamedAndTheOthersKept(t *testing.T) {
	inDarkroom(t, func(t *testing.T, d *darkroom) {
		page := d.ana.upload("fig.jpg", jpegOf(t), "notes.txt", "hello", "large.jpg", jpegOf(t)+strings.Repeat("x", 1_100_000), "plum.png", pngOf(t)).want(422)
		refused := all(page.root, ".notice.bad")
		if len(refused) != 2 || !strings.HasPrefix(words(refused[0]), "notes.txt: ") || !strings.HasPrefix(words(refused[1]), "large.jpg: ") {
			t.Errorf("refused: %d", len(refused))
		}
		page.says(".notice.good", "2 photos arrived.")
		page.count(".bench li", 2)
		if n, _ := page.one(`input[name="back"]`); attr(n, "value") != "/lab" {
			t.Errorf("the language form comes back to %s", attr(n, "value"))
		}
		if to := d.ana.get("/images").to(); to != "/lab" {
			t.Errorf("reading the form's address anew leads to %s", to)
		}
	})
}

func TestAFormWithoutPhotosOrWithTooManySaysSo(t *testing.T) {
	inDarkroom(t, func(t *testing.T, d *darkroom) {
		d.ana.upload().want(422).says(".notice.bad", "Choose at least one photo.")
		d.ana.post("/images", "file", "x").want(400)
		var many []string
		for n := range filesAtOnce + 2 {
			many = append(many, "p"+strconv.Itoa(n)+".jpg", jpegOf(t))
		}
		page := d.ana.upload(many...).want(422)
		page.says(".notice.good", "20 photos arrived.")
		page.count(".notice.bad", 1)
	})
}

func TestTheBenchGoesOnPageByPage(t *testing.T) {
	inDarkroom(t, func(t *testing.T, d *darkroom) {
		for n := range benchPage + 1 {
			d.ana.lay("p" + strconv.Itoa(n) + ".jpg")
		}
		first := d.ana.get("/lab").want(200)
		first.count(".bench li", benchPage)
		older, _ := first.one(`main a[href^="/lab?before="]`)
		last := d.ana.get(attr(older, "href")).want(200)
		last.says(".bench li h3", "p0.jpg")
		last.count(`main a[href^="/lab?before="]`, 0)
	})
}

func TestAPhotoIsDeletedWithEverythingMadeOfIt(t *testing.T) {
	inDarkroom(t, func(t *testing.T, d *darkroom) {
		i := d.ana.lay("fig.jpg")
		j := d.ana.start(i)
		d.work()
		if j = d.ana.ended(j.ID); d.stored() != 6 {
			t.Fatalf("%d files are stored", d.stored())
		}
		ask := d.ana.get(imagePath(i.ID) + "/delete").want(200)
		ask.says("h1", "Delete fig.jpg?")
		ask.count(`form[method="post"][action="`+imagePath(i.ID)+`/delete"]`, 1)
		done := d.ana.post(imagePath(i.ID) + "/delete")
		if to := done.to(); to != "/lab" || d.stored() != 0 {
			t.Errorf("it leads to %s, and %d files are left", to, d.stored())
		}
		d.ana.get("/lab", "Cookie", "session="+d.ana.Token+"; "+strings.Split(done.header.Get("Set-Cookie"), ";")[0]).says(".notice.good", "The photo is deleted.")
		d.ana.get(imagePath(j.Result)).want(404)
		gone := d.ana.get(jobPath(j.ID)).want(200)
		gone.says("h1", "Upscale ×2")
		gone.count("main img", 0)
	})
}

func TestDeleteAllAsksOnceAndLeavesNothing(t *testing.T) {
	inDarkroom(t, func(t *testing.T, d *darkroom) {
		i := d.ana.lay("fig.jpg")
		d.ana.start(i)
		kept := d.boris.lay("kept.jpg")
		d.ana.wantCredits(9, 1)
		d.ana.get("/lab/delete").want(200).count(`form[method="post"][action="/lab/delete"]`, 1)
		if to := d.ana.post("/lab/delete").to(); to != "/lab" {
			t.Errorf("it leads to %s", to)
		}
		d.ana.wantCredits(10, 0)
		d.ana.get(imagePath(i.ID)).want(404)
		d.boris.get(imagePath(kept.ID)).want(200)
		if d.stored() != 3 {
			t.Errorf("%d files are left", d.stored())
		}
	})
}

func TestAResultStaysOnTheBenchWhenItsOriginalHasExpired(t *testing.T) {
	inDarkroom(t, func(t *testing.T, d *darkroom) {
		j := d.ana.start(d.ana.lay("fig.jpg"))
		d.work()
		j = d.ana.ended(j.ID)
		d.ana.get("/lab").count(".bench li", 1)
		dbtest.Clock(d.DB).Advance(4 * 24 * time.Hour)
		fine(t, d.Lab.Expire(t.Context()))
		d.ana.get("/lab").want(200).count(`.bench li#item-`+string(j.Result)+` a[href="`+jobPath(j.ID)+`"]`, 1)
		page := d.ana.get(jobPath(j.ID)).want(200)
		page.count("safelight-compare", 0)
		page.count(`main img[src="`+imagePath(j.Result)+`/preview"]`, 1)
		page.count(`a[download][href="`+imagePath(j.Result)+`/file"]`, 1)
		d.ana.get(imagePath(j.Result) + "/file").want(200)
	})
}

func TestNobodySeesOrTouchesAnothersPhotosAndJobs(t *testing.T) {
	inDarkroom(t, func(t *testing.T, d *darkroom) {
		i := d.ana.lay("fig.jpg")
		j := d.ana.start(i)
		reads := []string{imagePath(i.ID), imagePath(i.ID) + "/delete", imagePath(i.ID) + "/file", imagePath(i.ID) + "/thumb",
			imagePath(i.ID) + "/preview", imagePath(i.ID) + "/quote", jobPath(j.ID)}
		acts := []string{imagePath(i.ID) + "/jobs", imagePath(i.ID) + "/delete", jobPath(j.ID) + "/cancel"}
		for _, path := range reads {
			d.boris.get(path, "HX-Request", "true").want(404)
			if to := d.send(nil, "GET", path, "", nil).to(); !strings.HasPrefix(to, "/sign-in?next=") {
				t.Errorf("%s leads a stranger to %s", path, to)
			}
		}
		for _, path := range acts {
			d.boris.post(path, "operation", "upscale", "quoted", "2").want(404)
			d.send(nil, "POST", path, "application/x-www-form-urlencoded", http.NoBody).want(401)
		}
		for _, path := range []string{"/images/%00", "/jobs/%ff", "/lab?before=%00", "/images/img_x%00/file"} {
			d.ana.get(path).want(400)
		}
		if d.stored() != 3 {
			t.Errorf("%d files are left", d.stored())
		}
		d.ana.wantCredits(9, 1)
		d.ana.get(jobPath(j.ID)).want(200).says(".state", "In the queue")
	})
}

func TestThePagesOfTheLabAreWholeInEveryLanguage(t *testing.T) {
	inDarkroom(t, func(t *testing.T, d *darkroom) {
		i := d.ana.lay("fig.jpg")
		j := d.ana.start(i)
		for _, l := range i18n.Languages {
			d.ana.accept = string(l)
			for _, path := range []string{"/lab", "/lab/delete", imagePath(i.ID), imagePath(i.ID) + "/delete", jobPath(j.ID)} {
				page := d.ana.get(path).want(200)
				wordsAreThere(t, page.text, page.root)
				nothingIsInline(t, page.root)
				headingsAreInOrder(t, page.root)
				controlsAreNamed(t, page.root)
				idsAreUnique(t, page.root)
				picturesAreDescribed(t, page.root)
				if n, _ := page.one("html"); attr(n, "lang") != string(l) {
					t.Errorf("%s is in %s", path, attr(n, "lang"))
				}
			}
		}
	})
}

func TestAButtonPressedTwiceBeginsOneJob(t *testing.T) {
	inDarkroom(t, func(t *testing.T, d *darkroom) {
		i := d.ana.lay("fig.jpg")
		marks := regexp.MustCompile(`name="once" value="([a-z0-9]{32})"`)
		mark := func() string { return marks.FindStringSubmatch(d.ana.get(imagePath(i.ID)).want(200).text)[1] }
		press := func(once, format string) string {
			return d.ana.post(imagePath(i.ID)+"/jobs", "operation", "upscale", "model", "fast", "format", format, "quoted", "1", "once", once).want(303).to()
		}
		once := mark()
		first := press(once, "jpeg")
		if again := press(once, "jpeg"); again != first {
			t.Errorf("the second press began %s besides %s", again, first)
		}
		if other := press(once, "png"); other == first {
			t.Error("another choice began nothing")
		}
		if later := press(mark(), "jpeg"); later == first {
			t.Error("a form that was shown anew began nothing")
		}
	})
}

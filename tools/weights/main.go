package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	from := flag.String("from", "", "folder with the models-… folders of the npm package")
	to := flag.String("to", "", "folder that gets one .net file per network")
	flag.Parse()
	if *from == "" || *to == "" {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*from, *to); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(from, to string) error {
	for _, n := range nets() {
		layers, err := readNCNN(filepath.Join(from, n.from))
		if err != nil {
			return err
		}
		file, err := convert(n, layers)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, n.name+".net"), file, 0o644); err != nil {
			return fmt.Errorf("weights: %w", err)
		}
	}
	return nil
}

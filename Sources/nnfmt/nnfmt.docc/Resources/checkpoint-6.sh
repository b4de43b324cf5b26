nnfmt validate --manifest pairs.json --report junit.xml --report summary.md

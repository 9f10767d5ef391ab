# The habits of the project; each recipe is a command that can be typed as well.

# List the recipes
default:
    @just --list

# Install what is missing, then run the migration on the sandbox
demo:
    bash .ci/setup && cargo run -- scripts/phase2 --sandbox

# Run the tests, on a PostgreSQL that they start themselves
test:
    cargo test

# Write the exact texts that tests hold anew, then the page of docs/ that is made of them
texts:
    UPDATE_EXPECT=1 cargo test
    UPDATE_EXPECT=1 cargo test messages

# Format the code
fmt:
    cargo fmt

# Lint, as strictly as CI
lint:
    cargo clippy --all-targets -- -D warnings

# What must pass before a change lands
ci:
    bash .ci/run

# Look for mistakes in the script folders, and try their examples
check:
    cargo run --quiet -- check

# Measure what each way to write costs, side by side; sizes may be given
bench *sizes:
    cargo bench --locked --bench scale -- {{sizes}}

# Measure compiling a folder, compiling rules to SQL and the example host; a part of a name picks some
bench-compile *names:
    cargo bench --locked --bench compile -- {{names}}

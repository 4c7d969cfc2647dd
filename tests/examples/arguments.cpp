#include "program/arguments.hpp"

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"

#include <eucv/classify/train_options.hpp>
#include <eucv/core/file.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using words = std::vector<std::string>;

TEST_CASE("entries of a configuration file stand in place of --config, and the command line wins") {
  const test::temporary_folder folder;
  const std::string file = (folder / "options.toml").string();
  eucv::write_file_atomically(file, "epochs = 20\nlr = 0.01\n[train]\noptimizer = \"sgd\"\n[audit]\nfolds = 3\n");
  CHECK(program::prepared_arguments({"train", "IMAGES", "--config", file, "--epochs", "5"}) ==
        words{"train", "IMAGES", "--lr=0.01", "--optimizer=sgd", "--epochs", "5"});
  CHECK(program::prepared_arguments({"audit", "--config=" + file}) ==
        words{"audit", "--epochs=20", "--lr=0.01", "--folds=3"});
  CHECK(program::prepared_arguments({"train", "--", "--config", file}) == words{"train", "--", "--config", file});
  CHECK(program::prepared_arguments({"train", "--config"}) == words{"train", "--config"});
  CHECK(test::code_of([] {
          (void)program::prepared_arguments({"train", "--config", "/nowhere/at.all"});
        }) == eucv::errc::not_found);
}

TEST_CASE("options of the version before get their new names, of their command alone") {
  CLI::App app;
  eucv::classify::train_options options;
  program::add_fields(*app.add_subcommand("train"), options);
  CHECK(program::prepared_arguments({"train", "--watch", "last", "--average=0.9", "--clip", "0"}) ==
        words{"train", "--monitor", "last", "--weight-average=0.9", "--clip-norm", "0"});
  CHECK(program::prepared_arguments({"harvest", "--watch", "last"}) == words{"harvest", "--watch", "last"});
}

// eucv train: the weights of short trainings of each kind, bit for bit as in version 0.1. A change that is meant to
// give other weights replaces the digests, and says so in CHANGELOG.md; any other change leaves them alone.
#include "support/picture_folder.hpp"
#include "support/run_eucv.hpp"
#include "support/shape_folder.hpp"
#include "support/temporary_folder.hpp"
#include "support/tensor_digest.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gnu/libc-version.h>

namespace {

// Why the constants of this file do not hold for this build on this machine, or "" where they do. They were measured
// with the preset dev. The program is compiled as this test is.
std::string not_comparable() {
#if defined(__clang__) || !defined(__GNUC__) || __GNUC__ != 12
  return "the compiler is not g++ 12";
#elif !defined(__x86_64__)
  return "the processor is not x86-64";
#elif defined(__AVX__) || defined(__FMA__)
  return "the build is for wider registers than those of SSE2";
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return "the build has sanitizers";
#elif defined(NDEBUG) || !defined(__OPTIMIZE__)
  return "the build is not that of the preset dev, with -O1 and assertions";
#else
  // The functions of libm round differently by version, and on processors without fused multiply-add.
  if (std::string(::gnu_get_libc_version()) != "2.36")
    return "the C library is glibc " + std::string(::gnu_get_libc_version()) + ", not 2.36";
  if (!__builtin_cpu_supports("fma")) return "the processor has no fused multiply-add, which libm uses";
  return "";
#endif
}

// Pictures of one label and of several, and the trainings on them.
struct place {
  test::temporary_folder folder;
  place() {
    test::write_picture_folder(folder / "images", 12);
    test::write_shape_folder(folder / "shapes", 6);
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (folder / name).string(); }

  [[nodiscard]] std::vector<std::string> command(const std::string& model, const char* images,
                                                 const std::vector<std::string>& more) const {
    std::vector<std::string> words{"train", path(images), "--out", path(model), "--size", "24", "--batch", "6"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  [[nodiscard]] std::vector<std::string> one_label(const std::string& model) const {
    return command(model, "images", {"--epochs", "4"});
  }
  [[nodiscard]] std::vector<std::string> several_labels(const std::string& model) const {
    return command(model, "shapes", {"--epochs", "6", "--multi-label", "--least", "5"});
  }
  [[nodiscard]] std::string digest(const std::string& model, const char* file = "weights.safetensors") const {
    return test::tensor_digest(folder / model / file);
  }
};

void run(const std::vector<std::string>& command) {
  const auto end = test::run_eucv(command);
  if (end.status != 0) throw std::runtime_error(end.err);
}

// The folder with the two trainings that other cases begin with or compare to: "one" and "several".
const place& trained() {
  struct trained_place : place {
    trained_place() {
      run(one_label("one"));
      run(several_labels("several"));
    }
  };
  static const trained_place once;
  return once;
}

void check_digest(const std::string& found, const char* expected) {
  if (const auto why = not_comparable(); why.empty())
    CHECK(found == std::string(expected));
  else
    MESSAGE("not compared to the digest of version 0.1: " << why);
}

// The same training, killed when its first epoch is done, and run again.
void check_resumed(const place& here, const std::vector<std::string>& command, const std::string& model,
                   const std::string& unbroken) {
  test::process broken(EUCV_PROGRAM, command);
  REQUIRE(broken.until([&] {
    std::error_code none;
    return std::filesystem::exists(here.folder / model / "history.csv", none);
  }));
  broken.send(SIGKILL);
  CHECK(broken.wait().status == 128 + SIGKILL);
  CHECK_FALSE(std::filesystem::exists(here.folder / model / "model.json"));
  run(command);
  CHECK(here.digest(model) == here.digest(unbroken));
  CHECK(here.digest(model, "last.safetensors") == here.digest(unbroken, "last.safetensors"));
}

} // namespace

TEST_CASE("a training of one label gives the bits of version 0.1, resumed too") {
  const auto& here = trained();
  check_digest(here.digest("one"), "7f5fd22bfc545a7fcc97f469aef8f5b5a3b16f2860bc0985a42382a4136ff5e7");
  check_digest(here.digest("one", "last.safetensors"),
               "bfa8b93e978437d8a93638ad52dc8522f928fa0895add2804d01e8325dc30d62");
  check_resumed(here, here.one_label("one resumed"), "one resumed", "one");
}

TEST_CASE("a training of several labels gives the bits of version 0.1, resumed too") {
  const auto& here = trained();
  check_digest(here.digest("several"), "65152a04ceb467ab5df421d46f2aabb6cc63a1378079df9f0afe16225ebd20fd");
  check_resumed(here, here.several_labels("several resumed"), "several resumed", "several");
}

TEST_CASE("a head that learns on the features of a frozen trunk gives the bits of version 0.1") {
  const auto& here = trained();
  const std::vector<std::string> init{"--init", here.path("one/weights.safetensors")};
  auto more = init;
  more.insert(more.end(), {"--epochs", "5", "--freeze", "4"}); // the four blocks before the head
  run(here.command("head", "images", more));
  check_digest(here.digest("head"), "a65c2aa783a4d7ea5c0a2d7554a8efba4598341b1c300b3e1ee9acf8f43e044d");
  const auto before = eucv::nn::read_safetensors(here.folder / "one" / "weights.safetensors");
  const auto after = eucv::nn::read_safetensors(here.folder / "head" / "weights.safetensors");
  for (const auto& array : after.arrays) {
    CAPTURE(array.name);
    REQUIRE(before.find(array.name) != nullptr);
    CHECK((before.find(array.name)->values == array.values) != array.name.starts_with("head."));
  }

  more = init; // first the head alone, then all
  more.insert(more.end(), {"--epochs", "2", "--head-epochs", "2", "--layer-decay", "0.8"});
  run(here.command("tuned", "images", more));
  check_digest(here.digest("tuned"), "0e1be3d4ddec6c1c338a4134200681eae878aae794dd7026f3915df96d61b6fc");
}

TEST_CASE("the models of a cross-validation have the bits of version 0.1") {
  const auto& here = trained();
  auto command = here.one_label("folds");
  command.insert(command.end(), {"--folds", "2"});
  run(command);
  check_digest(here.digest("folds/folds/1-of-2"), "bef36fc3737751b328b4b329d3c3b2887330b6e6cc39836017ac77de2f044c16");
  check_digest(here.digest("folds/folds/2-of-2"), "f8e61c190fc80ad3b874276a9bdfc95b221ae213fa9fd5ae7caa9163914b57e6");
  CHECK(here.digest("folds") == here.digest("one")); // the model itself does not depend on them
}

TEST_CASE("trainings with other recipes give the bits of version 0.1") {
  const auto& here = trained();
  run(here.command("recipe", "images",
                   {"--epochs",         "2",         "--optimizer",  "sgd",     "--lr",    "0.05",    "--schedule",
                    "cosine",           "--balance", "sampling",     "--mixup", "0.2",     "--erase", "0.25",
                    "--weight-average", "0.9",       "--accumulate", "2",       "--shift", "0.125"}));
  check_digest(here.digest("recipe"), "85c2663242b4e24c457e3cb6687dbe7e140d17726cc32f3dd0fbe83af54e1420");
  run(here.command("unknown", "shapes",
                   {"--epochs", "2", "--multi-label", "--least", "5", "--single-positive", "--loss", "asymmetric"}));
  check_digest(here.digest("unknown"), "3bb3028acb1f6c400c598b4f4c23d83aa4a174bbdae2fd0fea0e3b65d0f042c5");
}

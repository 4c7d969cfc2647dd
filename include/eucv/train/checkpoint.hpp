#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/file.hpp>
#include <eucv/nn/safetensors.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::train {

/// The states of a training on disk: the two newest, and the best weights that each of them stands for.
///
/// `<step>-<best epoch>.safetensors` holds a state, `best-<epoch>.safetensors` the best weights so far. Each file is
/// written whole or not at all, the best weights before the state that names them, and older files are removed only
/// after that: killed at any moment, the folder holds a state to go on from. A checksum finds what the disk changed.
class checkpoint_folder {
public:
  explicit checkpoint_folder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return folder_; }

  /// Which state: the number of steps done, and the epoch of the best weights so far, 0 for none.
  struct key {
    std::uint64_t step = 0;
    std::uint64_t best_epoch = 0;
    friend auto operator<=>(const key&, const key&) = default;
  };

  /// Keeps the best weights of an epoch; call it before the first save() that names the epoch. No cost where they are
  /// on disk already from this object.
  void save_best(std::uint64_t epoch, const nn::tensor_file& weights) {
    if (saved_best_ == epoch) return;
    make_folder(folder_);
    nn::write_safetensors(best_path(epoch), weights);
    saved_best_ = epoch;
  }
  /// Keeps a state, and removes all but it and the one before. Throws what write_file_atomically() throws; the states
  /// before are then untouched.
  void save(const key& which, const nn::tensor_file& state) {
    make_folder(folder_);
    nn::write_safetensors(state_path(which), state);
    const auto kept = states();
    for (std::size_t i = 2; i < kept.size(); ++i) remove(state_path(kept[i]));
    for (const auto& entry : entries())
      if (const auto epoch = best_of(entry))
        if (std::none_of(kept.begin(),
                         kept.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(2, kept.size())),
                         [&](const key& each) { return each.best_epoch == *epoch; }))
          remove(folder_ / entry);
  }

  /// What load() found.
  struct found {
    std::optional<key> which; ///< the newest sound state, or nothing where none is there
    nn::tensor_file state;
    nn::tensor_file best;              ///< empty where which->best_epoch is 0
    std::vector<std::string> messages; ///< one for each damaged file that was passed over
  };
  /// Reads the newest state, or the one before where the newest or its best weights are damaged.
  [[nodiscard]] found load() const {
    found result;
    for (const key& which : states()) {
      try {
        auto state = read(state_path(which));
        auto best = which.best_epoch == 0 ? nn::tensor_file{} : read(best_path(which.best_epoch));
        result.which = which;
        result.state = std::move(state);
        result.best = std::move(best);
        return result;
      } catch (const error& failure) {
        result.messages.push_back(std::string(failure.what()) + "; the checkpoint before it is taken, if there is one");
      }
    }
    return result;
  }

  /// Removes the folder with all it holds.
  void clear() {
    std::error_code failure;
    std::filesystem::remove_all(folder_, failure);
    if (failure) throw file_error("remove", folder_, failure.value());
    saved_best_ = 0;
  }

private:
  static constexpr std::string_view ending = ".safetensors", best_prefix = "best-";

  static nn::tensor_file read(const std::filesystem::path& path) {
    auto content = nn::read_safetensors(path);
    if (!content.checked)
      throw error(errc::bad_format,
                  {"read the checkpoint", path.string(), "it has no checksum", "it is not one of ours"});
    return content;
  }

  [[nodiscard]] std::filesystem::path state_path(const key& which) const {
    return folder_ / (std::to_string(which.step) + "-" + std::to_string(which.best_epoch) + std::string(ending));
  }
  [[nodiscard]] std::filesystem::path best_path(std::uint64_t epoch) const {
    return folder_ / (std::string(best_prefix) + std::to_string(epoch) + std::string(ending));
  }

  static std::optional<std::uint64_t> number(std::string_view& text) {
    std::uint64_t value = 0;
    const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    return value;
  }
  static std::optional<std::uint64_t> best_of(std::string_view name) {
    if (!name.starts_with(best_prefix)) return std::nullopt;
    name.remove_prefix(best_prefix.size());
    const auto epoch = number(name);
    return name == ending ? epoch : std::nullopt;
  }

  [[nodiscard]] std::vector<std::string> entries() const {
    std::vector<std::string> names;
    std::error_code failure;
    for (std::filesystem::directory_iterator at(folder_, failure), end; !failure && at != end; at.increment(failure))
      names.push_back(at->path().filename().string());
    if (failure && failure != std::errc::no_such_file_or_directory) throw file_error("list", folder_, failure.value());
    return names;
  }
  [[nodiscard]] std::vector<key> states() const {
    std::vector<key> newest_first;
    for (const std::string& name : entries()) {
      std::string_view rest = name;
      const auto step = number(rest);
      if (!step || !rest.starts_with('-')) continue;
      rest.remove_prefix(1);
      if (const auto best = number(rest); best && rest == ending) newest_first.push_back({*step, *best});
    }
    std::sort(newest_first.rbegin(), newest_first.rend());
    return newest_first;
  }
  static void remove(const std::filesystem::path& path) {
    std::error_code ignored; // what stays behind is passed over later, or removed the next time
    std::filesystem::remove(path, ignored);
  }

  std::filesystem::path folder_;
  std::uint64_t saved_best_ = 0;
};

} // namespace eucv::train

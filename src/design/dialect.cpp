// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The two dialects as MLIR sees them: types, attributes and the operations of the table. An
// operation that is not in the table is refused here, with the nearest name that is.
#include "design/dialect.h"

#include "design/ops.h"

#include <llvm/ADT/StringMap.h>
#include <mlir/IR/DialectImplementation.h>

using namespace mlir;

namespace ashlar::design {

// --- storage ----------------------------------------------------------------------------------

struct BoxTypeStorage : TypeStorage {
  using KeyTy = std::tuple<StringRef, Type, StringRef>;
  BoxTypeStorage(StringRef word, Type inner, StringRef text)
      : word(word), inner(inner), text(text) {}
  bool operator==(const KeyTy &key) const { return key == KeyTy(word, inner, text); }
  static llvm::hash_code hashKey(const KeyTy &key) {
    return llvm::hash_combine(std::get<0>(key), std::get<1>(key), std::get<2>(key));
  }
  static BoxTypeStorage *construct(TypeStorageAllocator &allocator, const KeyTy &key) {
    return new (allocator.allocate<BoxTypeStorage>())
        BoxTypeStorage(allocator.copyInto(std::get<0>(key)), std::get<1>(key),
                       allocator.copyInto(std::get<2>(key)));
  }
  StringRef word;
  Type inner;
  StringRef text;
};
BoxType BoxType::get(MLIRContext *context, StringRef word, Type inner, StringRef text) {
  return Base::get(context, word, inner, text);
}
StringRef BoxType::word() const { return getImpl()->word; }
Type BoxType::inner() const { return getImpl()->inner; }
StringRef BoxType::text() const { return getImpl()->text; }

struct RecordAttrStorage : AttributeStorage {
  using KeyTy = std::pair<StringRef, DictionaryAttr>;
  RecordAttrStorage(StringRef word, DictionaryAttr fields) : word(word), fields(fields) {}
  bool operator==(const KeyTy &key) const { return key == KeyTy(word, fields); }
  static llvm::hash_code hashKey(const KeyTy &key) {
    return llvm::hash_combine(key.first, key.second);
  }
  static RecordAttrStorage *construct(AttributeStorageAllocator &allocator, const KeyTy &key) {
    return new (allocator.allocate<RecordAttrStorage>())
        RecordAttrStorage(allocator.copyInto(key.first), key.second);
  }
  StringRef word;
  DictionaryAttr fields;
};
RecordAttr RecordAttr::get(MLIRContext *context, StringRef word, DictionaryAttr fields) {
  return Base::get(context, word, fields);
}
StringRef RecordAttr::word() const { return getImpl()->word; }
DictionaryAttr RecordAttr::fields() const { return getImpl()->fields; }
int64_t RecordAttr::field(StringRef name, int64_t absent) const {
  auto value = fields().getAs<IntegerAttr>(name);
  return value ? value.getValue().getSExtValue() : absent;
}
bool RecordAttr::has(StringRef name) const { return fields().contains(name); }

// --- operations -------------------------------------------------------------------------------

namespace {

class TableOp final : public OperationName::Impl {
public:
  TableOp(const OpEntry &entry, Dialect *dialect, TypeID typeId)
      : Impl(entry.name, dialect, typeId, mlir::detail::InterfaceMap()), entry_(entry) {}
  LogicalResult foldHook(Operation *, ArrayRef<Attribute>, SmallVectorImpl<OpFoldResult> &) final {
    return failure();
  }
  void getCanonicalizationPatterns(RewritePatternSet &, MLIRContext *) final {}
  bool hasTrait(TypeID id) final {
    if (id == TypeID::get<OpTrait::IsTerminator>()) return entry_.traits & kTerminator;
    if (id == TypeID::get<OpTrait::SymbolTable>()) return entry_.traits & kSymbolTable;
    if (id == TypeID::get<OpTrait::AffineScope>() ||
        id == TypeID::get<OpTrait::AutomaticAllocationScope>())
      return entry_.traits & kScope;
    if (id == TypeID::get<OpTrait::NoTerminator>()) return entry_.traits & kNoTerminator;
    return false;
  }
  OperationName::ParseAssemblyFn getParseAssemblyFn() final {
    return [this](OpAsmParser &parser, OperationState &state) -> ParseResult {
      if (entry_.parse) return entry_.parse(parser, state);
      if (entry_.reason)
        return parser.emitError(parser.getNameLoc())
               << entry_.name << " is not supported: " << entry_.reason << " [unsupported-op]";
      return parser.emitError(parser.getNameLoc())
             << entry_.name << " is not supported yet [unsupported-op]";
    };
  }
  void populateDefaultAttrs(const OperationName &, NamedAttrList &) final {}
  void printAssembly(Operation *op, OpAsmPrinter &printer, StringRef defaultDialect) final {
    StringRef name = op->getName().getStringRef();
    if (!defaultDialect.empty() && name.starts_with((defaultDialect + ".").str()))
      name = name.drop_front(defaultDialect.size() + 1);
    printer << name;
    entry_.print(op, printer);
  }
  LogicalResult verifyInvariants(Operation *) final { return success(); }
  LogicalResult verifyRegionInvariants(Operation *) final { return success(); }
  std::optional<Attribute> getInherentAttr(Operation *, StringRef) final { return std::nullopt; }
  void setInherentAttr(Operation *, StringAttr, Attribute) final {}
  void populateInherentAttrs(Operation *, NamedAttrList &) final {}
  LogicalResult verifyInherentAttrs(OperationName, NamedAttrList &,
                                    function_ref<InFlightDiagnostic()>) final {
    return success();
  }
  int getOpPropertyByteSize() final { return 0; }
  void initProperties(OperationName, OpaqueProperties, OpaqueProperties) final {}
  void deleteProperties(OpaqueProperties) final {}
  void populateDefaultProperties(OperationName, OpaqueProperties) final {}
  LogicalResult setPropertiesFromAttr(OperationName name, OpaqueProperties, Attribute,
                                      function_ref<InFlightDiagnostic()> emitError) final {
    emitError() << name << " has no properties: write its attributes in braces";
    return failure();
  }
  Attribute getPropertiesAsAttr(Operation *) final { return {}; }
  void copyProperties(OpaqueProperties, OpaqueProperties) final {}
  bool compareProperties(OpaqueProperties, OpaqueProperties) final { return true; }
  llvm::hash_code hashProperties(OpaqueProperties) final { return llvm::hash_code(0); }

private:
  const OpEntry &entry_;
};

std::vector<const OpEntry *> allOps() {
  std::vector<const OpEntry *> all;
  for (ArrayRef<OpEntry> part :
       {structureOps(), dmaOps(), fifoOps(), poolOps(), npuOps(), traceOps(), legacyOps()})
    for (const OpEntry &entry : part) all.push_back(&entry);
  return all;
}

/// Reads the type or attribute's word, with the closest alternatives in the error.
ParseResult unknownWord(DialectAsmParser &p, StringRef what, StringRef word) {
  return p.emitError(p.getNameLoc()) << "unknown " << what << " '" << word << "'";
}

ParseResult refuseOp(OpAsmParser &p, OperationState &state) {
  const std::string name = state.name.getStringRef().str();
  InFlightDiagnostic error = p.emitError(p.getNameLoc());
  error << "there is no operation '" << name << "' [unknown-op]";
  if (std::string nearest = nearestOp(name); !nearest.empty())
    error << " -- did you mean '" << nearest << "'?";
  return error;
}

class DialectBase : public Dialect {
public:
  DialectBase(StringRef name, MLIRContext *context, TypeID id) : Dialect(name, context, id) {
    const std::string prefix = (name + ".").str();
    for (const OpEntry *entry : allOps())
      if (StringRef(entry->name).starts_with(prefix))
        RegisteredOperationName::insert(std::make_unique<TableOp>(*entry, this, ids_.allocate()),
                                        {});
  }
  TypeID newOperationId() { return ids_.allocate(); }
  std::optional<ParseOpHook> getParseOperationHook(StringRef opName) const override {
    if (auto hook = Dialect::getParseOperationHook(opName)) return hook;
    // The hook is a reference to a function: it must not capture anything.
    return ParseOpHook(refuseOp);
  }
  Type parseType(DialectAsmParser &p) const override {
    StringRef word;
    if (p.parseKeyword(&word)) return {};
    if (word == "objectfifo" || word == "objectfifosubview") {
      Type inner;
      if (p.parseLess() || p.parseType(inner) || p.parseGreater()) return {};
      return BoxType::get(getContext(), word, inner);
    }
    if (word == "bfp") {
      std::string text;
      if (p.parseLess() || p.parseString(&text) || p.parseGreater()) return {};
      return BoxType::get(getContext(), word, Type(), text);
    }
    (void)unknownWord(p, "type", word);
    return {};
  }
  void printType(Type type, DialectAsmPrinter &p) const override {
    auto box = cast<BoxType>(type);
    p << box.word() << '<';
    if (box.inner())
      p << box.inner();
    else
      p << '"' << box.text() << '"';
    p << '>';
  }
  Attribute parseAttribute(DialectAsmParser &p, Type) const override {
    StringRef word;
    if (p.parseKeyword(&word)) return {};
    if (word == "bd_dim_layout_array" || word == "bd_pad_layout_array") {
      ArrayAttr list;
      StringRef element = word.drop_back(6);
      const bool angle = succeeded(p.parseOptionalLess());
      if (parseRecordList(p, element, list) || (angle && p.parseGreater())) return {};
      return list;
    }
    if (word == "objectfifo_segment") {
      SmallVector<NamedAttribute> fields;
      auto field = [&]() -> ParseResult {
        StringRef name;
        Attribute value;
        if (p.parseKeyword(&name) || p.parseEqual() || p.parseAttribute(value)) return failure();
        fields.emplace_back(StringAttr::get(getContext(), name), value);
        return success();
      };
      if (p.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater, field)) return {};
      llvm::SmallDenseSet<Attribute> names;
      for (NamedAttribute f : fields)
        if (!names.insert(f.getName()).second) {
          p.emitError(p.getCurrentLocation()) << "a field stands twice";
          return {};
        }
      return DictionaryAttr::get(getContext(), fields);
    }
    if (word == "trace_event") {
      std::string name;
      if (p.parseLess() || parseEventName(p, name) || p.parseGreater()) return {};
      return StringAttr::get(getContext(), name);
    }
    static const StringRef records[] = {"packet_info", "bd_dim_layout", "bd_pad_layout",
                                        "bd_iteration"};
    if (llvm::is_contained(records, word)) {
      Attribute record;
      if (parseRecord(p, word, record)) return {};
      return record;
    }
    (void)unknownWord(p, "attribute", word);
    return {};
  }
  void printAttribute(Attribute attribute, DialectAsmPrinter &p) const override {
    auto record = cast<RecordAttr>(attribute);
    p << record.word();
    printRecordFields(p, record);
  }

private:
  TypeIDAllocator ids_;
};

class AieDialect : public DialectBase {
public:
  static constexpr StringLiteral getDialectNamespace() { return "aie"; }
  explicit AieDialect(MLIRContext *context)
      : DialectBase("aie", context, TypeID::get<AieDialect>()) {
    addTypes<BoxType>();
    addAttributes<RecordAttr>();
  }
};
class AiexDialect : public DialectBase {
public:
  static constexpr StringLiteral getDialectNamespace() { return "aiex"; }
  explicit AiexDialect(MLIRContext *context)
      : DialectBase("aiex", context, TypeID::get<AiexDialect>()) {}
};

} // namespace

std::string nearestOp(StringRef name) {
  std::string best;
  unsigned distance = std::max<size_t>(4, name.size() / 3) + 1;
  for (const OpEntry *entry : allOps()) {
    // An operation under the other dialect's name is the likeliest slip of all.
    StringRef known = entry->name;
    if (known.split('.').second == name.split('.').second) return known.str();
    unsigned d = known.edit_distance(name, true, distance);
    if (d < distance) {
      distance = d;
      best = known.str();
    }
  }
  return best;
}

void registerFormer(MLIRContext &context) {
  auto *ids = static_cast<AieDialect *>(context.getLoadedDialect("aie"));
  for (const OpEntry &entry : formerOps())
    if (Dialect *owner = context.getLoadedDialect(StringRef(entry.name).split('.').first);
        owner && ids)
      RegisteredOperationName::insert(
          std::make_unique<TableOp>(entry, owner, ids->newOperationId()), {});
}

void registerLanguage(DialectRegistry &registry) { registry.insert<AieDialect, AiexDialect>(); }

} // namespace ashlar::design

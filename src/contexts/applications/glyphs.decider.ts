/**
 * Old forms of characters and the standard form for each. Old forms are refused in certificates because many
 * programs show boxes for them, and two spellings of one person are two people to a computer (EC-40).
 */
const PAIRS = `
髙高 﨑崎 嵜崎 碕崎 邊辺 邉辺 濵浜 濱浜 齋斎 齊斉 齎斎 亞亜 惡悪 壓圧 圍囲 醫医 壹壱 稻稲 飮飲 隱隠 榮栄 營営 衞衛 驛駅 圓円 鹽塩 緣縁 艷艶
應応 歐欧 毆殴 奧奥 橫横 溫温 穩穏 假仮 價価 畫画 會会 壞壊 懷懐 繪絵 擴拡 殼殻 覺覚 學学 嶽岳 樂楽 勸勧 卷巻 寬寛 歡歓 罐缶 觀観 關関
陷陥 顏顔 巖巌 歸帰 氣気 龜亀 僞偽 戲戯 犧犠 舊旧 據拠 擧挙 虛虚 峽峡 挾挟 狹狭 曉暁 區区 驅駆 勳勲 薰薫 徑径 惠恵 溪渓 經経 莖茎
螢蛍 輕軽 鷄鶏 藝芸 缺欠 儉倹 劍剣 圈圏 檢検 權権 獻献 縣県 險険 顯顕 驗験 嚴厳 廣広 恆恒 黃黄 鑛鉱 號号 國国 濟済 碎砕 劑剤 櫻桜
册冊 雜雑 參参 慘惨 棧桟 蠶蚕 贊賛 殘残 絲糸 齒歯 兒児 辭辞 濕湿 實実 舍舎 寫写 釋釈 壽寿 收収 從従 澁渋 獸獣 縱縦 肅粛 處処 敍叙
奬奨 將将 燒焼 稱称 證証 乘乗 剩剰 壤壌 孃嬢 條条 淨浄 疊畳 穰穣 讓譲 釀醸 囑嘱 觸触 寢寝 愼慎 晉晋 眞真 盡尽 圖図 粹粋 醉酔 隨随
髓髄 數数 樞枢 瀨瀬 聲声 靜静 攝摂 竊窃 專専 戰戦 淺浅 潛潜 纖繊 踐践 錢銭 禪禅 雙双 壯壮 搜捜 插挿 爭争 總総 聰聡 莊荘 裝装 騷騒
增増 藏蔵 臟臓 續続 墮堕 體体 對対 帶帯 滯滞 臺台 瀧滝 擇択 澤沢 單単 擔担 膽胆 團団 彈弾 斷断 癡痴 遲遅 晝昼 蟲虫 鑄鋳 廳庁 聽聴
鎭鎮 遞逓 鐵鉄 轉転 點点 傳伝 黨党 盜盗 燈灯 當当 德徳 獨独 讀読 屆届 貳弐 拜拝 廢廃 賣売 發発 髮髪 拔抜 蠻蛮 祕秘 彥彦 濵浜 拂払
佛仏 竝並 變変 辨弁 辯弁 瓣弁 豐豊 襃褒 飜翻 萬万 滿満 麵麺 默黙 彌弥 藥薬 譯訳 豫予 餘余 與与 譽誉 搖揺 樣様 謠謡 來来 賴頼 亂乱
覽覧 兩両 龍竜 獵猟 壘塁 勵励 禮礼 隸隷 靈霊 齡齢 戀恋 爐炉 勞労 樓楼 祿禄 錄録 灣湾 淸清 靑青 橋橋 吳呉 隆隆 惠恵 緖緒 渚渚 琢琢
卽即 旣既 槪概 產産 緞緞 彅薙 桒桑 栁柳 舘館 冨富 嶌島 峯峰 埜野 邨村 鉃鉄 濶闊 曻昇 德徳 頋頼 吉吉 𠮷吉 﨟﨟 髯髯 逹達 曽曽 﨎迫 圡土
`;

/** Names that are standard characters of their own, whatever older books say: both forms are registered names. */
const STANDARD_AFTER_ALL = new Set([...'龍瀧舘冨峯嶌埜桒薫']);

const STANDARD: ReadonlyMap<string, string> = new Map(
  PAIRS.trim()
    .split(/\s+/)
    .map((pair) => [...pair] as [string, string])
    .filter(([old, standard]) => old !== standard && !STANDARD_AFTER_ALL.has(old)),
);

/** Choose one of several drawings of the character before them; in a certificate there is one drawing. */
const VARIATION = /[\u{fe00}-\u{fe0f}\u{e0100}-\u{e01ef}]/gu;

const standardOf = (character: string): string => {
  const known = STANDARD.get(character);
  if (known !== undefined) return known;
  // What stands in Unicode only so that older codes survive a round trip has a standard form by definition.
  return /[\u{f900}-\u{faff}\u{2f800}-\u{2fa1f}]/u.test(character) ? character.normalize('NFC') : character;
};

export type OldForms = Readonly<{ characters: string; suggestion: string }>;

/** The old forms in a name and the name as it should be written; null where there are none. */
export const oldFormsIn = (name: string): OldForms | null => {
  const plain = name.replace(VARIATION, '');
  const suggestion = [...plain].map(standardOf).join('');
  if (suggestion === name) return null;
  const old = [...plain].filter((character) => standardOf(character) !== character);
  // A drawing was chosen for a character that is standard itself: name that character.
  const varied = [...name.matchAll(/(.)[\u{fe00}-\u{fe0f}\u{e0100}-\u{e01ef}]/gu)].map(([, character]) => character!);
  return { characters: [...new Set([...old, ...varied])].join(' '), suggestion };
};

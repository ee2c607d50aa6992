interface Item {
  name: string;
  price: number;
  quantity: number;
}

export function totalPrice(items: Item[]): number {
  let total = 0;
  for (const item
  }
  return total;
}
